"""HEIC and AVIF, from the encoders of pillow-heif and Pillow."""

import io

import exif
import pillow_heif
import profiles
import scene

pillow_heif.register_heif_opener()

# One thread: the same file comes out every time, and x265's own wait for each other.
X265 = {"preset": "ultrafast", "x265:pools": "none", "x265:frame-threads": "1"}
AVIF = {"codec": "aom", "speed": 9, "max_threads": 1}


def heic(image, **options):
    return scene.encoded(image, "HEIF", **{"quality": 80, "enc_params": X265, **options})


def avif(image, **options):
    return scene.encoded(image, "AVIF", **{"quality": 80, **AVIF, **options})


def both(encode, subsamplings):
    for subsampling in subsamplings:
        name = subsampling.replace(":", "")
        yield name, encode(scene.rgb(), subsampling=subsampling)
        yield f"{name}-large", encode(scene.rgb(1001, 747), subsampling=subsampling)
        yield f"{name}-odd", encode(scene.rgb(65, 33), subsampling=subsampling)
    yield "alpha", encode(scene.rgba())
    yield "grey", encode(scene.grey())
    yield "tiny", encode(scene.rgb(16, 16))
    for quality in (10, 100):
        yield f"quality-{quality}", encode(scene.rgb(), quality=quality)
    for orientation in range(1, 9):
        yield f"o{orientation}", encode(scene.rgb(), exif=exif.block(orientation))
    yield "o6-be", encode(scene.rgb(), exif=exif.block(6, ">"))
    for name, profile in profiles.of_colours():
        yield f"icc-{name}", encode(scene.rgb(), icc_profile=profile)
    whole = encode(scene.rgb())
    yield "trailer", whole + b"trailer" * 20
    for percent in (10, 60, 95):
        yield f"cut-{percent}", whole[: len(whole) * percent // 100]


def deep(bits):
    """Encodes with 10 or 12 bits."""
    pillow_heif.options.SAVE_HDR_TO_12_BIT = bits == 12
    samples = scene.pixels().astype("uint16") * 257
    file = pillow_heif.from_bytes("RGB;16", (160, 120), samples.tobytes())
    output = io.BytesIO()
    file.save(output, quality=80, enc_params=X265)
    return output.getvalue()


def heics():
    yield from both(heic, ("4:2:0", "4:2:2", "4:4:4"))
    for bits in (10, 12):
        yield f"deep-{bits}", deep(bits)


def avifs():
    yield from both(avif, ("4:2:0", "4:2:2", "4:4:4"))
    yield "limited-range", avif(scene.rgb(), range="limited")


def files():
    for name, content in heics():
        yield f"heif/heic/{name}.heic", content
    for name, content in avifs():
        yield f"heif/avif/{name}.avif", content
