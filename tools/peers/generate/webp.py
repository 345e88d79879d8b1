"""WebPs: containers as other programs write them, EXIF, profiles, animations, missing ends."""

import struct

import exif
import profiles
import scene

ICC, ALPHA, EXIF, XMP, ANIMATION = 0x20, 0x10, 0x08, 0x04, 0x02


def chunk(name, body, size=None):
    size = len(body) if size is None else size
    return name + struct.pack("<I", size) + body + bytes(len(body) % 2)


def container(*chunks, size=None):
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def extended(flags, *chunks, width=160, height=120):
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return container(chunk(b"VP8X", bytes([flags, 0, 0, 0]) + size), *chunks)


def save(image, **options):
    return scene.encoded(image, "WEBP", **options)


def image_chunk(lossless=False):
    return save(scene.rgb(), lossless=lossless)[12:]


def kinds():
    for name, options in (("lossy", {"quality": 80}), ("lossless", {"lossless": True})):
        yield name, save(scene.rgb(), **options)
        yield f"{name}-alpha", save(scene.rgba(), **options)
        yield f"{name}-grey", save(scene.grey(), **options)
        yield f"{name}-large", save(scene.rgb(1001, 747), **options)
        for size in ((1, 1), (1, 50), (17, 13)):
            yield f"{name}-{size[0]}x{size[1]}", save(scene.rgb(*size), **options)
        frames = [scene.rgb(), scene.rgb(seed=2)]
        first, *rest = frames
        yield f"{name}-animated", save(first, save_all=True, append_images=rest, **options)
        first, second = scene.rgba(), scene.rgba().rotate(180)
        yield f"{name}-animated-alpha", save(first, save_all=True, append_images=[second], **options)
        yield f"{name}-background", save(
            first, save_all=True, append_images=[second], background=(255, 0, 0, 255), **options
        )
    for alpha_quality in (0, 50):
        yield f"alpha-quality-{alpha_quality}", save(scene.rgba(), alpha_quality=alpha_quality)


def orientations():
    for lossless in (False, True):
        kind = "lossless" if lossless else "lossy"
        image = image_chunk(lossless)
        for name, block in exif.spellings():
            if lossless and "o6" not in name:
                continue
            for prefix_name, prefix in (("", b""), ("-prefix", b"Exif\0\0")):
                file = extended(EXIF, image, chunk(b"EXIF", prefix + block))
                yield f"{kind}-{name}{prefix_name}", file
    image, o6 = image_chunk(), chunk(b"EXIF", exif.block(6))
    yield "before-image", extended(EXIF, o6, image)
    yield "without-flag", extended(0, image, o6)
    yield "without-header", container(image, o6)
    yield "twice", extended(EXIF, image, o6, chunk(b"EXIF", exif.block(3)))
    yield "behind-xmp", extended(EXIF | XMP, image, chunk(b"XMP ", b"<x/>"), o6)
    whole = extended(EXIF, image, o6)
    yield "behind-container", extended(EXIF, image) + o6
    yield "size-beyond-file", whole.replace(
        b"EXIF" + struct.pack("<I", len(exif.block(6))), b"EXIF" + struct.pack("<I", 5000)
    )


def containers():
    lossy, lossless = image_chunk(), image_chunk(True)
    for kind, image in (("lossy", lossy), ("lossless", lossless)):
        for flag_name, flag in (
            ("icc", ICC), ("alpha", ALPHA), ("exif", EXIF), ("xmp", XMP), ("all", 0x3C)
        ):
            yield f"{kind}-flag-{flag_name}-without-chunk", extended(flag, image)
        yield f"{kind}-trailer", container(image) + b"trailing junk"
        yield f"{kind}-trailer-line", container(image) + b"\n"
        yield f"{kind}-unknown-chunk", extended(0, image, chunk(b"ABCD", b"unknown"))
        yield f"{kind}-unknown-chunk-before", extended(0, chunk(b"ABCD", b"unknown"), image)
        yield f"{kind}-unknown-chunk-simple", container(image, chunk(b"ABCD", b"unknown"))
        yield f"{kind}-size-zero", container(image, size=0)
        yield f"{kind}-size-small", container(image, size=len(image) // 2)
        yield f"{kind}-size-minus-1", container(image, size=len(image) + 3)
        yield f"{kind}-size-large", container(image, size=len(image) + 1000)
        yield f"{kind}-canvas-other", extended(0, image, width=200, height=150)
        yield f"{kind}-header-twice", container(extended(0, image)[12:30], extended(0, image)[12:])
        for percent in (30, 60, 95):
            whole = container(image)
            yield f"{kind}-cut-{percent}", whole[: len(whole) * percent // 100]
        damaged = bytearray(container(image))
        damaged[len(damaged) * 2 // 3] ^= 0x55
        yield f"{kind}-damaged", bytes(damaged)


def colours():
    lossy, lossless = image_chunk(), image_chunk(True)
    for name, profile in profiles.of_colours():
        yield f"icc-{name}", extended(ICC, chunk(b"ICCP", profile), lossy)
    for name, profile in profiles.broken():
        yield f"icc-broken-{name}", extended(ICC, chunk(b"ICCP", profile), lossy)
    swapped = chunk(b"ICCP", dict(profiles.of_colours())["swapped"])
    yield "icc-lossless", extended(ICC, swapped, lossless)
    yield "icc-without-flag", extended(0, swapped, lossy)
    yield "icc-behind-image", extended(ICC, lossy, swapped)
    yield "icc-grey", extended(ICC, chunk(b"ICCP", dict(profiles.of_greys())["dot-gain"]), lossy)
    yield "icc-alpha", save(scene.rgba(), icc_profile=dict(profiles.of_colours())["swapped"])


def files():
    for make in (kinds, orientations, containers, colours):
        for name, content in make():
            yield f"webp/{make.__name__}/{name}.webp", content
