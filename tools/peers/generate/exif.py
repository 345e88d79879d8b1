"""EXIF blocks, and the ways in which programs spell the orientation in them."""

import struct

ORIENTATION = 0x0112
BYTE, SHORT, LONG = 1, 3, 4


def entry(order, tag, kind, count, value):
    packed = struct.pack(order + {BYTE: "B3x", SHORT: "H2x", LONG: "I"}[kind], value)
    return struct.pack(order + "HHI", tag, kind, count) + packed


def block(orientation, order="<", kind=SHORT, count=1, others=(), in_thumbnail=None):
    """Returns a TIFF header with the orientation, and other entries around it."""
    entries = [entry(order, *other) for other in others]
    if orientation is not None:
        entries.append(entry(order, ORIENTATION, kind, count, orientation))
    entries.sort(key=lambda each: struct.unpack(order + "H", each[:2]))
    header = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HI", 42, 8)
    directory = struct.pack(order + "H", len(entries)) + b"".join(entries)
    if in_thumbnail is None:
        return header + directory + bytes(4)
    following = 8 + len(directory) + 4
    second = struct.pack(order + "H", 1) + entry(order, ORIENTATION, SHORT, 1, in_thumbnail)
    return header + directory + struct.pack(order + "I", following) + second + bytes(4)


def spellings():
    """Yields names and blocks: every orientation, and the oddities seen in the wild."""
    for orientation in range(1, 9):
        for name, order in (("le", "<"), ("be", ">")):
            yield f"{name}-o{orientation}", block(orientation, order)
    for orientation in (0, 9, 255):
        yield f"le-invalid-{orientation}", block(orientation)
    yield "le-long-o6", block(6, kind=LONG)
    yield "be-long-o6", block(6, ">", kind=LONG)
    yield "le-byte-o6", block(6, kind=BYTE)
    yield "le-count-2-o6", block(6, count=2)
    yield "le-count-0-o6", block(6, count=0)
    yield "be-others-o8", block(8, ">", others=[(0x0100, LONG, 1, 160), (0x0213, SHORT, 1, 1)])
    yield "le-twice-o6-o3", block(6, others=[(ORIENTATION, SHORT, 1, 3)])
    yield "le-thumbnail-only-o6", block(None, in_thumbnail=6)
    yield "le-thumbnail-o3-image-o6", block(6, in_thumbnail=3)
    yield "le-cut-o6", block(6)[:-6]
    yield "le-without-next-o6", block(6)[:-4]
    yield "no-entries", block(None)
    yield "no-tiff", b"junk that is not a header"
    yield "empty", b""
