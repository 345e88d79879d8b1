"""Pixels of one program in the sizes that are compared, and how far two of them are apart.

Every program's whole image is shrunk by the same filter. The engine shrinks by itself, as it does
for users, and is what is judged.
"""

import os

import numpy
from PIL import Image

# Longest edges. At the smaller one the engine decodes JPEGs at a fraction of their size.
EDGES = (512, 96)

# Mean absolute error, of 255, over the whole image, after every pixel has become the mean of itself
# and its neighbours: which filter shrinks an image is no matter, and fine patterns show it most.
# Decoders differ in how they upsample chroma and in how they round, the engine lets the codec
# shrink, and converts colours after it.
MAX_MEAN = 3.0
# Error of the mean colour, in its worst channel, of each of 8 x 8 parts. Sharpness is no matter
# there, so that it can be strict on what is: another profile, or a strip that is missing. The dark
# channel of a colour outside sRGB is 8 apart by rounding alone.
MAX_PART = 9.0
PARTS = 8

Image.MAX_IMAGE_PIXELS = None


def fit(width, height, edge):
    """Returns the dimensions of an image that is shrunk, not enlarged, to a longest edge."""
    longest = max(width, height)
    if longest <= edge:
        return width, height
    return tuple(max(1, (side * edge * 2 + longest) // (longest * 2)) for side in (width, height))


def on_white(image):
    """Blends an image on white."""
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def shrunk(image, edge, size):
    target = fit(*size, edge)
    return image if image.size == target else image.resize(target, Image.Resampling.LANCZOS)


def read(answer, path):
    """Reads what a worker has written, and removes it; returns one image for each edge."""
    size = answer["width"], answer["height"]
    images = []
    if "files" in answer:
        for edge, file in zip(EDGES, answer["files"], strict=True):
            with Image.open(file) as image:
                images.append(shrunk(on_white(image), edge, size))
            os.remove(file)
        return images
    with open(path, "rb") as file:
        content = file.read()
    os.remove(path)
    whole = Image.frombytes("RGB", size, content, "raw", answer["mode"])
    return [shrunk(whole, edge, size) for edge in EDGES]


def smooth(error):
    """Returns the mean of each pixel and its neighbours; those at the border count as repeated."""
    for axis in (0, 1):
        width = [(1, 1) if other == axis else (0, 0) for other in range(3)]
        padded = numpy.pad(error, width, mode="edge")
        count = error.shape[axis]
        error = sum(padded.take(range(start, start + count), axis) for start in range(3)) / 3
    return error


def distance(one, other):
    """Returns the mean absolute error, and the error of the mean colour of the worst part."""
    error = numpy.asarray(one, numpy.int16) - numpy.asarray(other, numpy.int16)
    rows = [part for part in numpy.array_split(error, PARTS, axis=0) if part.size]
    parts = [part for row in rows for part in numpy.array_split(row, PARTS, axis=1) if part.size]
    colours = [abs(part.mean(axis=(0, 1))).max() for part in parts]
    return float(abs(smooth(error)).mean()), float(max(colours))


def is_close(distances):
    """Whether the distances, one for each edge, are those of the same image."""
    return all(mean <= MAX_MEAN and part <= MAX_PART for mean, part in distances)
