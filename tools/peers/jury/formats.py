"""The format of a file, by its first bytes."""

HEVC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
AVIF_BRANDS = {b"avif", b"avis"}


def sniff(path):
    """Returns `jpeg`, `png`, `gif`, `webp`, `heic`, `avif`, or `None` for any other."""
    with open(path, "rb") as file:
        start = file.read(256)
    if start.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if start.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return "webp"
    if start[4:8] == b"ftyp":
        end = min(int.from_bytes(start[:4], "big"), len(start))
        brands = {start[at : at + 4] for at in [8, *range(16, end - 3, 4)]}
        if brands & HEVC_BRANDS:
            return "heic"
        if brands & AVIF_BRANDS:
            return "avif"
        if b"mif1" in brands:
            return "heic"
    return None
