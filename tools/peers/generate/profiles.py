"""ICC profiles, written from their definitions."""

import struct

import numpy

D50 = (0.9642, 1.0, 0.8249)
SRGB = ((0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
P3 = ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841))
ADOBE = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))


def fixed(*values):
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def xyz(values):
    return b"XYZ \0\0\0\0" + fixed(*values)


def gamma(value):
    return b"curv\0\0\0\0" + struct.pack(">IH2x", 1, round(value * 256))


def table(values):
    entries = [round(value * 65535) for value in values]
    packed = struct.pack(f">I{len(entries)}H", len(entries), *entries)
    return b"curv\0\0\0\0" + packed + bytes(-len(packed) % 4)


def parametric():
    """Returns sRGB's own curve, as version 4 spells it."""
    values = fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    return b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + values


def text(version, content):
    if version >= 4:
        encoded = content.encode("utf-16-be")
        return b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(encoded), 28) + encoded
    encoded = content.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(encoded)) + encoded + bytes(4 + 4 + 2 + 1 + 67)


def profile(space, tags, pcs=b"XYZ ", kind=b"mntr", version=2):
    """Writes a profile with these tags."""
    tags = {b"desc": text(version, "made here"), b"cprt": text_copyright(version), **tags}
    offset = 128 + 4 + 12 * len(tags)
    directory, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        directory += name + struct.pack(">II", offset + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = 128 + len(directory) + len(body)
    header = struct.pack(">I4sB3x4s4s4s", size, b"\0\0\0\0", version, kind, space, pcs)
    header += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + fixed(*D50)
    return header + bytes(128 - len(header)) + directory + body


def text_copyright(version):
    return text(4, "none") if version >= 4 else b"text\0\0\0\0none\0"


def matrix(primaries, curve, version=2, more=None):
    red, green, blue = map(xyz, primaries)
    tags = {b"wtpt": xyz(D50), b"rXYZ": red, b"gXYZ": green, b"bXYZ": blue}
    tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    return profile(b"RGB ", tags | (more or {}), version=version)


def grey(curve, pcs=b"XYZ ", version=2):
    return profile(b"GRAY", {b"wtpt": xyz(D50), b"kTRC": curve}, pcs, version=version)


def lab(linear):
    """Returns L*, a* and b* of linear sRGB."""
    ratios = (linear @ numpy.array(SRGB)) / numpy.array(D50)
    f = numpy.where(ratios > 0.008856, numpy.cbrt(ratios), 7.787 * ratios + 16 / 116)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return numpy.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def press(grid=7):
    """Returns a CMYK profile of dull inks on white paper."""
    steps = numpy.linspace(0, 1, grid)
    inks = numpy.stack(numpy.meshgrid(*[steps] * 4, indexing="ij"), axis=-1)
    paper = numpy.ones(3)
    for ink, colour in enumerate([(0.05, 0.4, 0.7), (0.6, 0.05, 0.2), (0.85, 0.75, 0.05), (0.03,) * 3]):
        paper = paper * (1 - inks[..., ink : ink + 1] * (1 - numpy.array(colour)))
    values = lab(paper)
    encoded = numpy.stack(
        [values[..., 0] * 255 / 100, values[..., 1] + 128, values[..., 2] + 128], axis=-1
    )
    cells = encoded.round().clip(0, 255).astype("uint8").tobytes()
    identity = fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    ramp = bytes(range(256))
    lut = b"mft1\0\0\0\0" + bytes([4, 3, grid, 0]) + identity + ramp * 4 + cells + ramp * 3
    return profile(b"CMYK", {b"wtpt": xyz(D50), b"A2B0": lut}, b"Lab ", b"prtr")


def cicp(primaries, transfer):
    return {b"cicp": b"cicp\0\0\0\0" + bytes([primaries, transfer, 0, 1])}


def of_colours():
    """Yields names and profiles for RGB."""
    dot = table((x / 255) ** 1.3 for x in range(256))
    swapped = (SRGB[1], SRGB[2], SRGB[0])
    yield "srgb", matrix(SRGB, parametric(), 4)
    yield "p3", matrix(P3, parametric(), 4)
    yield "adobe", matrix(ADOBE, gamma(2.2))
    yield "swapped", matrix(swapped, gamma(2.2))
    yield "linear", matrix(SRGB, gamma(1.0))
    yield "gamma-1-8", matrix(SRGB, gamma(1.8))
    yield "table", matrix(P3, dot)
    yield "adobe-cicp-srgb", matrix(ADOBE, gamma(2.2), 4, cicp(1, 13))
    yield "p3-cicp-p3", matrix(P3, parametric(), 4, cicp(12, 13))


def of_greys():
    """Yields names and profiles for grey."""
    dot = table((x / 255) ** 1.5 for x in range(256))
    yield "gamma-2-2", grey(gamma(2.2))
    yield "gamma-1-0", grey(gamma(1.0))
    yield "dot-gain", grey(dot)
    yield "lab", grey(gamma(1.8), b"Lab ")
    yield "v4", grey(gamma(1.8), version=4)


def broken():
    """Yields names and profiles that no program can use."""
    whole = matrix(P3, gamma(2.2))
    yield "cut", whole[:200]
    yield "no-signature", whole[:36] + b"xxxx" + whole[40:]
    yield "empty", b""
    yield "junk", b"this is not a profile" * 10
    yield "no-tags", profile(b"RGB ", {})
