"""Makes the coded images of the tests: pip install imagecodecs pillow pillow-heif, then run it here.

Each file is a configuration box (hvcC or av1C) and, behind it, the coded data of one image. The
tests build the containers around them.
"""

import io
import pathlib
import struct

import imagecodecs
import numpy
import pillow_heif
from PIL import Image

SIDE = 64


def quarters(depth: int) -> numpy.ndarray:
    """A red left, a blue right, and a dark upper half."""
    full = (1 << depth) - 1
    dark = round(full * 120 / 255)
    pixels = numpy.zeros((SIDE, SIDE, 3), numpy.uint8 if depth == 8 else numpy.uint16)
    half = SIDE // 2
    pixels[:half, :half, 0] = pixels[:half, half:, 2] = dark
    pixels[half:, :half, 0] = pixels[half:, half:, 2] = full
    return pixels


def greys(depth: int) -> numpy.ndarray:
    """Four quarters of grey: PQ signals of 0, 100, 203 and 1,000 candelas per square metre."""
    full = (1 << depth) - 1
    half = SIDE // 2
    pixels = numpy.zeros((SIDE, SIDE, 3), numpy.uint8 if depth == 8 else numpy.uint16)
    pixels[:half, half:] = round(0.508 * full)
    pixels[half:, :half] = round(0.581 * full)
    pixels[half:, half:] = round(0.752 * full)
    return pixels


def ramp() -> numpy.ndarray:
    """Alpha: a transparent left, and a right that is half transparent."""
    alpha = numpy.zeros((SIDE, SIDE), numpy.uint8)
    alpha[:, SIDE // 2 :] = 128
    return alpha


def boxes(data: bytes, start: int, end: int):
    while start < end:
        (size,) = struct.unpack_from(">I", data, start)
        yield data[start + 4 : start + 8], start + 8, start + size
        start += size


def coded(file: bytes) -> bytes:
    """Returns the first configuration box, and the data of the first item."""
    config = data = b""
    for name, start, end in boxes(file, 0, len(file)):
        if name == b"meta":
            for child, at, stop in boxes(file, start + 4, end):
                if child == b"iloc":
                    data = item(file, at)
                if child == b"iprp":
                    for part, first, last in boxes(file, at, stop):
                        if part == b"ipco":
                            for kind, property_start, property_end in boxes(file, first, last):
                                if kind in (b"hvcC", b"av1C"):
                                    config = config or file[property_start - 8 : property_end]
    return config + data


def item(file: bytes, iloc: int) -> bytes:
    version, sizes = file[iloc], struct.unpack_from(">H", file, iloc + 4)[0]
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    at = iloc + 8 + 2 + (2 if version else 0) + 2

    def number(size: int) -> int:
        nonlocal at
        at += size
        return int.from_bytes(file[at - size : at], "big")

    base = number(base_size)
    number(2)
    offset, length = base + number(offset_size), number(length_size)
    return file[offset : offset + length]


def heic(pixels: numpy.ndarray, chroma: int = 420, quality: int = 90) -> bytes:
    if pixels.ndim == 2:
        image = pillow_heif.from_pillow(Image.fromarray(pixels))
    elif pixels.dtype == numpy.uint8:
        image = pillow_heif.from_pillow(Image.fromarray(pixels))
    else:
        # Ten bits, of sixteen.
        words = (pixels << 6).astype("<u2").tobytes()
        image = pillow_heif.from_bytes("RGB;16", (SIDE, SIDE), words)
    out = io.BytesIO()
    image.save(out, quality=quality, chroma=chroma)
    return coded(out.getvalue())


def avif(pixels: numpy.ndarray, pixel_format: str, depth: int) -> bytes:
    return coded(imagecodecs.avif_encode(pixels, level=90, speed=0, bitspersample=depth, pixelformat=pixel_format))


def main() -> None:
    here = pathlib.Path(__file__).parent
    samples = {
        "hevc-420-8": heic(quarters(8)),
        "hevc-422-8": heic(quarters(8), chroma=422),
        "hevc-444-8": heic(quarters(8), chroma=444),
        "hevc-420-10": heic(quarters(10)),
        "hevc-grey-8": heic(ramp(), quality=100),
        "hevc-greys-8": heic(greys(8)),
        "hevc-hdr-10": heic(greys(10), chroma=444, quality=95),
        "av1-420-8": avif(quarters(8), "420", 8),
        "av1-422-8": avif(quarters(8), "422", 8),
        "av1-444-10": avif(quarters(10), "444", 10),
        "av1-420-12": avif(quarters(12), "420", 12),
        "av1-grey-8": avif(ramp(), "400", 8),
        "av1-hdr-12": avif(greys(12), "444", 12),
    }
    for name, data in samples.items():
        (here / f"{name}.bin").write_bytes(data)
        print(name, len(data))


if __name__ == "__main__":
    main()
