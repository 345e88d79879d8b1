"""What Pillow shows: the first frame, upright, in sRGB, on white. HEIC through pillow-heif."""

import io
import json
import sys
import warnings

import numpy
import pillow_heif
from PIL import Image, ImageCms, ImageOps

SRGB = ImageCms.createProfile("sRGB")
# Twice as many are refused: 220 megapixels, as for all.
Image.MAX_IMAGE_PIXELS = 110_000_000
warnings.simplefilter("ignore")
pillow_heif.register_heif_opener()


def eight_bits(image):
    """Scales deep greys down, which Pillow's own conversion would cut off at 255."""
    if not image.mode.startswith("I"):
        return image
    return Image.fromarray((numpy.asarray(image).clip(0, 65535) >> 8).astype("uint8"))


def split_alpha(image):
    """Returns the image without its alpha, and the alpha."""
    if not image.has_transparency_data:
        return image, None
    has_colour = image.mode in ("RGBA", "RGBa", "RGB", "P", "PA")
    image = image.convert("RGBA" if has_colour else "LA")
    return image.convert("RGB" if has_colour else "L"), image.getchannel("A")


def to_srgb(image, profile):
    """Converts by the profile, where it is one for such pixels."""
    if image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("RGB")
    if profile:
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(image, profile, SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            pass
    return image.convert("RGB")


def show(job):
    with Image.open(job["path"]) as opened:
        opened.load()
        profile = opened.info.get("icc_profile")
        image = ImageOps.exif_transpose(opened)
    colours, alpha = split_alpha(eight_bits(image))
    shown = to_srgb(colours, profile)
    if alpha is not None:
        white = Image.new("RGB", shown.size, "white")
        white.paste(shown, mask=alpha)
        shown = white
    with open(job["out"], "wb") as file:
        file.write(shown.tobytes())
    return {"outcome": "shown", "width": shown.width, "height": shown.height, "mode": "RGB"}


def main():
    for line in sys.stdin:
        try:
            answer = show(json.loads(line))
        # Whatever a decoder raises is its answer.
        except Exception as error:
            answer = {"outcome": "refused", "message": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
