"""JPEGs: processes, segments where they should not be, profiles, CMYK, damage and missing ends."""

import struct

import exif
import numpy
import profiles
import scene
from PIL import Image

SOI, EOI, SOS = b"\xff\xd8", b"\xff\xd9", 0xDA


def segment(marker, body, length=None):
    length = len(body) + 2 if length is None else length
    return bytes([0xFF, marker]) + struct.pack(">H", length) + body


def exif_segment(block):
    return segment(0xE1, b"Exif\0\0" + block)


def boundaries(jpeg):
    """Returns the offsets at which segments begin, up to the first scan."""
    offsets = [2]
    while jpeg[offsets[-1] + 1] != SOS:
        at = offsets[-1]
        offsets.append(at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big"))
    return offsets


def with_segments(jpeg, *segments):
    """Puts segments behind JFIF's."""
    at = boundaries(jpeg)[1]
    return jpeg[:at] + b"".join(segments) + jpeg[at:]


def without(jpeg, marker):
    """Removes all segments with a marker before the first scan."""
    ends = boundaries(jpeg)
    kept = [jpeg[a:b] for a, b in zip(ends, ends[1:]) if jpeg[a + 1] != marker]
    return SOI + b"".join(kept) + jpeg[ends[-1] :]


def icc_segments(profile, size=65519):
    parts = [profile[at : at + size] for at in range(0, len(profile), size)] or [b""]
    head = b"ICC_PROFILE\0"
    return [
        segment(0xE2, head + bytes([number, len(parts)]) + part)
        for number, part in enumerate(parts, 1)
    ]


def save(image, **options):
    return scene.encoded(image, "JPEG", **{"quality": 90, **options})


def sources():
    for name, options in (
        ("baseline", {}),
        ("progressive", {"progressive": True}),
        ("restarts", {"restart_marker_blocks": 5}),
    ):
        yield name, save(scene.rgb(), **options)


def processes():
    for progressive in (False, True):
        kind = "progressive" if progressive else "baseline"
        for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
            name = f"{kind}-{subsampling.replace(':', '')}"
            options = {"progressive": progressive, "subsampling": subsampling}
            yield name, save(scene.rgb(), **options)
            yield f"{name}-large", save(scene.rgb(1001, 747), **options)
        yield f"{kind}-grey", save(scene.grey(), progressive=progressive)
        yield f"{kind}-rgb", save(scene.rgb(), progressive=progressive, keep_rgb=True)
        for quality in (3, 30, 100):
            yield f"{kind}-quality-{quality}", save(
                scene.rgb(), progressive=progressive, quality=quality
            )
    for size in ((1, 1), (1, 90), (7, 9), (16, 16), (17, 33), (97, 13)):
        yield f"size-{size[0]}x{size[1]}", save(scene.rgb(*size))
    yield "restarts", save(scene.rgb(), restart_marker_rows=1)
    yield "restarts-large", save(scene.rgb(1001, 747), restart_marker_blocks=7)


def orientations():
    plain = save(scene.rgb())
    for name, block in exif.spellings():
        yield f"exif-{name}", with_segments(plain, exif_segment(block))
    o6, o3 = exif_segment(exif.block(6)), exif_segment(exif.block(3))
    bare = without(plain, 0xE0)
    yield "exif-first", SOI + o6 + plain[2:]
    yield "exif-without-jfif", SOI + o6 + bare[2:]
    yield "exif-before-frame", plain[: boundaries(plain)[-3]] + o6 + plain[boundaries(plain)[-3] :]
    yield "exif-before-scan", plain[: boundaries(plain)[-1]] + o6 + plain[boundaries(plain)[-1] :]
    yield "exif-behind-the-end", plain + o6
    yield "exif-twice", with_segments(plain, o6, o3)
    yield "exif-second-has-it", with_segments(plain, exif_segment(exif.block(None)), o6)
    yield "exif-behind-xmp", with_segments(
        plain, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"), o6
    )
    yield "exif-wrong-prefix", with_segments(plain, segment(0xE1, b"exif\0\0" + exif.block(6)))
    yield "exif-prefix-ff", with_segments(plain, segment(0xE1, b"Exif\0\xff" + exif.block(6)))
    for name, source in sources():
        for orientation in (3, 5, 6, 8):
            block = exif.block(orientation)
            yield f"{name}-o{orientation}", with_segments(source, exif_segment(block))


def segments():
    comment = b"a comment of some bytes"
    for name, source in sources():
        at = boundaries(source)
        for index, offset in enumerate(at[1:], 1):
            for junk_name, junk in (("text", b"junk"), ("zeros", bytes(18)), ("fill", b"\xff" * 3)):
                if name == "baseline" or junk_name == "text":
                    yield f"{name}-{junk_name}-at-{index}", source[:offset] + junk + source[offset:]
        for length in (0, 1, 2, 9):
            short = segment(0xFE, comment, length)
            yield f"{name}-comment-length-{length}", source[:2] + short + source[2:]
        yield f"{name}-comment-at-scan", source[: at[-1]] + segment(0xFE, comment) + source[at[-1] :]
    plain = save(scene.rgb())
    for marker in (0xE3, 0xED, 0xEF, 0xF0, 0xFD):
        yield f"marker-{marker:x}", with_segments(plain, segment(marker, b"unknown"))
    yield "many-comments", with_segments(plain, *[segment(0xFE, b"x" * 60000)] * 5)
    yield "photoshop", with_segments(plain, segment(0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\0\0\0\0"))
    yield "adobe-short", with_segments(plain, segment(0xEE, b"Adobe"))
    yield "jfif-short", without(plain, 0xE0)[:2] + segment(0xE0, b"JFIF\0") + plain[2:]
    yield "without-jfif", without(plain, 0xE0)
    yield "jfif-at-the-end", with_segments(without(plain, 0xE0), segment(0xE0, b"JFIF\0\1\1" + bytes(7)))


def ends():
    for name, source in sources():
        yield f"{name}-no-end", source[:-2]
        yield f"{name}-no-end-trailer", source[:-2] + b"SEFT" * 30
        yield f"{name}-trailer", source + b"SEFT" * 30
        yield f"{name}-second-image", source + save(scene.rgb(40, 30))
        yield f"{name}-end-twice", source + EOI
        yield f"{name}-zeros-before-end", source[:-2] + bytes(40) + EOI
        first = boundaries(source)[-1]
        for percent in (30, 60, 95):
            cut = source[: first + (len(source) - first) * percent // 100]
            yield f"{name}-cut-{percent}", cut
            yield f"{name}-cut-{percent}-with-end", cut + EOI
        yield f"{name}-cut-in-header", source[: first // 2]


def damage():
    for name, source in sources():
        first = boundaries(source)[-1] + 30
        for seed in range(6):
            random = numpy.random.default_rng(seed)
            broken = bytearray(source)
            for at in random.integers(first, len(source) - 2, 1 + seed // 2):
                # No marker is made and none is broken.
                if broken[at] != 0xFF and broken[at - 1] != 0xFF:
                    broken[at] = int(random.integers(0, 255))
            yield f"{name}-damage-{seed}", bytes(broken)
    restarts = save(scene.rgb(), restart_marker_blocks=5)
    yield "restart-missing", restarts.replace(b"\xff\xd1", b"", 1)
    yield "restart-wrong", restarts.replace(b"\xff\xd1", b"\xff\xd4", 1)
    yield "restart-twice", restarts.replace(b"\xff\xd1", b"\xff\xd1\xff\xd1", 1)
    plain = bytearray(save(scene.rgb()))
    frame = plain.index(b"\xff\xc0")
    for name, change in (("taller", 40), ("shorter", -40)):
        sized = bytearray(plain)
        height = int.from_bytes(plain[frame + 5 : frame + 7], "big") + change
        sized[frame + 5 : frame + 7] = height.to_bytes(2, "big")
        yield f"declared-{name}", bytes(sized)


def colours():
    plain = save(scene.rgb())
    for name, profile in profiles.of_colours():
        yield f"icc-{name}", with_segments(plain, *icc_segments(profile))
    for name, profile in profiles.broken():
        yield f"icc-broken-{name}", with_segments(plain, *icc_segments(profile))
    grey = save(scene.grey())
    for name, profile in profiles.of_greys():
        yield f"icc-grey-{name}", with_segments(grey, *icc_segments(profile))
    p3, dot = dict(profiles.of_colours())["swapped"], dict(profiles.of_greys())["dot-gain"]
    yield "icc-of-rgb-on-grey", with_segments(grey, *icc_segments(p3))
    yield "icc-of-grey-on-rgb", with_segments(plain, *icc_segments(dot))
    parts = icc_segments(p3, 150)
    yield "icc-parts", with_segments(plain, *parts)
    yield "icc-parts-reversed", with_segments(plain, *reversed(parts))
    yield "icc-part-missing", with_segments(plain, *parts[1:])
    yield "icc-twice", with_segments(plain, *icc_segments(p3), *icc_segments(p3))


def inks():
    cmyk = scene.rgb().convert("CMYK")
    black = numpy.asarray(cmyk).copy()
    black[..., 3] = numpy.linspace(0, 160, black.shape[1]).astype("uint8")
    cmyk = Image.fromarray(black, "CMYK")
    for name, options in (("baseline", {}), ("progressive", {"progressive": True})):
        adobe = save(cmyk, **options)
        yield f"cmyk-{name}-adobe", adobe
        yield f"cmyk-{name}-no-marker", without(adobe, 0xEE)
        press = icc_segments(profiles.press())
        yield f"cmyk-{name}-press", with_segments(adobe, *press)
        yield f"cmyk-{name}-press-no-marker", with_segments(without(adobe, 0xEE), *press)
        srgb = icc_segments(dict(profiles.of_colours())["srgb"])
        yield f"cmyk-{name}-icc-of-rgb", with_segments(adobe, *srgb)
    yield "cmyk-o6", with_segments(save(cmyk), exif_segment(exif.block(6)))
    marker = save(cmyk).index(b"Adobe")
    ycck = bytearray(save(cmyk))
    ycck[marker + 11] = 2
    yield "ycck-adobe", bytes(ycck)


def large():
    """Yields images that the engine decodes at a fraction of their size."""
    size = (1203, 901)
    swapped = icc_segments(dict(profiles.of_colours())["swapped"])
    dot = icc_segments(dict(profiles.of_greys())["dot-gain"])
    press = icc_segments(profiles.press())
    for name, options in (("baseline", {}), ("progressive", {"progressive": True})):
        for subsampling in ("4:4:4", "4:2:0"):
            plain = save(scene.rgb(*size), subsampling=subsampling, **options)
            kind = f"{name}-{subsampling.replace(':', '')}"
            for orientation in (2, 5, 6):
                block = exif_segment(exif.block(orientation))
                yield f"{kind}-o{orientation}", with_segments(plain, block)
            yield f"{kind}-icc", with_segments(plain, *swapped)
            first = boundaries(plain)[-1]
            yield f"{kind}-text-at-scan", plain[:first] + b"junk" + plain[first:]
            yield f"{kind}-no-end-trailer", plain[:-2] + b"SEFT" * 30
            for percent in (40, 90):
                yield f"{kind}-cut-{percent}-with-end", plain[: len(plain) * percent // 100] + EOI
            broken = bytearray(plain)
            broken[len(plain) * 2 // 3] ^= 0x11
            yield f"{kind}-damage", bytes(broken)
        grey = save(scene.grey(*size), **options)
        yield f"{name}-grey", grey
        yield f"{name}-grey-icc", with_segments(grey, *dot)
        yield f"{name}-rgb", save(scene.rgb(*size), keep_rgb=True, **options)
        cmyk = save(scene.rgb(*size).convert("CMYK"), **options)
        yield f"{name}-cmyk", cmyk
        yield f"{name}-cmyk-press", with_segments(cmyk, *press)
        yield f"{name}-cmyk-no-marker", without(cmyk, 0xEE)


def files():
    for make in (processes, orientations, segments, ends, damage, colours, inks, large):
        for name, content in make():
            yield f"jpeg/{make.__name__}/{name}.jpg", content
