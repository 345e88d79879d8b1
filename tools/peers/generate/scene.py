"""The image in all files: no two of its corners look alike, so a turned or cut one is noticed."""

import io
from functools import cache

import numpy
from PIL import Image


@cache
def pixels(width=160, height=120, seed=1):
    """Returns rows of RGB pixels: four quarters with gradients, and a little noise."""
    x = numpy.linspace(0, 1, width)[None, :]
    y = numpy.linspace(0, 1, height)[:, None]
    left, top = x < 0.5, y < 0.5
    red = numpy.where(left, 0.85, 0.2) * (0.6 + 0.4 * y)
    green = numpy.where(top, 0.25, 0.75) * (0.6 + 0.4 * x)
    blue = numpy.where(left ^ top, 0.8, 0.15) + 0.1 * x * y
    rows = numpy.stack(numpy.broadcast_arrays(red, green, blue), axis=2) * 255
    noise = numpy.random.default_rng(seed).normal(0, 2, rows.shape)
    rows = (rows + noise).clip(0, 255).astype("uint8")
    rows.flags.writeable = False
    return rows


def alpha(width=160, height=120):
    """Returns rows of alpha: clear at the left, opaque at the right."""
    return numpy.broadcast_to(numpy.linspace(0, 255, width).astype("uint8"), (height, width))


def rgb(*size, **options):
    return Image.fromarray(pixels(*size, **options))


def rgba(*size):
    image = rgb(*size)
    image.putalpha(Image.fromarray(alpha(*size)))
    return image


def grey(*size):
    return rgb(*size).convert("L")


def encoded(image, format, **options):
    """Encodes an image with Pillow."""
    output = io.BytesIO()
    image.save(output, format, **options)
    return output.getvalue()
