"""Where the engine may show something else than the others, and why.

This table and `docs/formats.md` say the same. Everything else that differs is a fault.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import pixels
from verdict import OURS, Refused

LIMITS = {"too_many_bytes", "too_many_pixels", "too_large_edge", "too_many_frames"}
LIMITS |= {"too_much_memory", "timed_out"}

# What sharp says of a file whose end is missing, where it is told to take no damage.
INCOMPLETE = re.compile(
    r"premature end|read error|unexpected end|truncated|not enough|unable to read|no image data",
    re.IGNORECASE,
)


@dataclass
class Case:
    """A file that the engine and the others do not agree on."""

    path: Path
    format: str
    answers: dict
    verdict: object
    # Asks sharp what it says of the file where it is told to take no damage.
    complaint: Callable[[], str]

    def ours(self):
        return self.answers[OURS]

    def is_refused_as(self, codes):
        return isinstance(self.ours(), Refused) and self.ours().code in codes


def is_limit(case):
    return case.is_refused_as(LIMITS)


def is_incomplete(case):
    if not case.is_refused_as({"corrupt"}):
        return False
    pillow = case.answers["pillow"]
    said = [case.complaint(), pillow.message if isinstance(pillow, Refused) else ""]
    return any(INCOMPLETE.search(text) for text in said)


def is_as_chromium(case):
    distances = case.verdict.distances.get((OURS, "chromium"))
    return bool(distances) and pixels.is_close(distances)


def is_cicp(case):
    if case.format != "png" or not is_as_chromium(case):
        return False
    return b"cICP" in case.path.read_bytes().split(b"IDAT", 1)[0]


# BT.709, unspecified, and the two of BT.601.
LIKE_SRGB = {1, 2, 5, 6}
# PQ and HLG.
HIGH_DYNAMIC_RANGE = {16, 18}


def names_colours(case):
    """Whether an image names colours other than sRGB's by number, and none by a profile.

    Where Chromium shows it, and has no tones to map, the engine has to show the same.
    """
    has_right_size = any(OURS in pair for pair in case.verdict.distances)
    if case.format not in ("heic", "avif") or not has_right_size:
        return False
    head = case.path.read_bytes()[:1_000_000]
    at = head.find(b"colrnclx")
    if at < 0 or b"colrprof" in head:
        return False
    primaries = int.from_bytes(head[at + 8 : at + 10], "big")
    transfer = int.from_bytes(head[at + 10 : at + 12], "big")
    if transfer in HIGH_DYNAMIC_RANGE:
        return True
    return primaries not in LIKE_SRGB and (case.format == "heic" or is_as_chromium(case))


# Frames of processes that no camera writes: arithmetic coding, hierarchical, lossless.
RARE_FRAMES = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}


def is_rare_jpeg(case):
    return (
        case.format == "jpeg"
        and case.is_refused_as({"unsupported_format"})
        and frame(case.path.read_bytes()) in RARE_FRAMES
    )


def frame(jpeg):
    """Returns the marker of a JPEG's frame."""
    at = 2
    while at + 4 <= len(jpeg):
        marker = jpeg[at + 1]
        if jpeg[at] != 0xFF or marker == 0xFF:
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return marker
        else:
            at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return None


def is_deep_grey(case):
    """Whether Chromium and sharp leave out a profile of 16 bits that they apply to 8 bits."""
    if case.format != "png":
        return False
    head = case.path.read_bytes()[:1_000]
    # Bit depth and colour type of the header.
    is_grey_of_16_bits = head[24:26] == bytes([16, 0])
    distances = case.verdict.distances.get((OURS, "pillow"))
    return is_grey_of_16_bits and b"iCCP" in head and bool(distances) and pixels.is_close(distances)


EXCEPTIONS = {
    "limit": ("the image is above a limit of the deployment", is_limit),
    "pixels-missing": ("the upload was cut off, and a part of it would be made up", is_incomplete),
    "png-cicp": ("cICP decides, as the specification and Chromium have it", is_cicp),
    "named-colours": ("a HEIC's or AVIF's own colours and HDR, as browsers show", names_colours),
    "deep-grey": ("a grey profile of 16 bits counts as one of 8 bits does", is_deep_grey),
    "rare-jpeg": ("arithmetic coding and lossless processes: no camera writes them", is_rare_jpeg),
}


def exception(case):
    """Returns the name of the exception that a case is, or `None`."""
    for name, (_, applies) in EXCEPTIONS.items():
        if applies(case):
            return name
    return None
