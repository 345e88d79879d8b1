"""The container of HEIC and AVIF: takes coded images out of it, and writes others."""

import struct
from dataclasses import dataclass, field


def box(kind, body):
    return struct.pack(">I", 8 + len(body)) + kind + body


def full_box(kind, body, version=0, flags=0):
    return box(kind, bytes([version]) + flags.to_bytes(3, "big") + body)


def boxes(content):
    """Yields the kind and the body of each box."""
    at = 0
    while at + 8 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        yield content[at + 4 : at + 8], content[at + 8 : at + size]
        at += size


@dataclass
class Item:
    """An item, with its properties and whether they are essential."""

    kind: bytes
    data: bytes
    properties: list = field(default_factory=list)
    # Kind of reference, and numbers of items from 1.
    references: list = field(default_factory=list)
    is_hidden: bool = False
    is_in_idat: bool = False

    def with_properties(self, *properties):
        return Item(self.kind, self.data, [*self.properties, *properties])


def coded(file):
    """Returns the first item of a file that an encoder has written, with its own properties."""
    meta = dict(boxes(dict(boxes(file))[b"meta"][4:]))
    offset_size, base_size = meta[b"iloc"][4] >> 4, meta[b"iloc"][5] >> 4
    assert (meta[b"iloc"][0], offset_size) == (0, 4)
    base = int.from_bytes(meta[b"iloc"][12 : 12 + base_size], "big")
    offset, length = struct.unpack_from(">II", meta[b"iloc"], 14 + base_size)
    properties = boxes(dict(boxes(meta[b"iprp"]))[b"ipco"])
    is_hevc = b"hvc1" in meta[b"iinf"]
    kept = [
        (box(kind, body), kind in (b"hvcC", b"av1C"))
        for kind, body in properties
        if kind in (b"hvcC", b"av1C", b"ispe", b"pixi", b"colr")
    ]
    start = base + offset
    return Item(b"hvc1" if is_hevc else b"av01", file[start : start + length], kept)


def dimensions(width, height):
    return full_box(b"ispe", struct.pack(">II", width, height)), False


def rotation(quarters):
    return box(b"irot", bytes([quarters])), True


def mirror(axis):
    return box(b"imir", bytes([axis])), True


def aperture(width, height, x, y):
    """Returns a crop, in whole pixels, around a centre that is moved by x and y."""
    return box(b"clap", struct.pack(">IIIIiIiI", width, 1, height, 1, x, 1, y, 1)), True


def profile(content):
    return box(b"colr", b"prof" + content), False


def colours(primaries, transfer, matrix, is_full=True):
    body = struct.pack(">HHHB", primaries, transfer, matrix, 0x80 if is_full else 0)
    return box(b"colr", b"nclx" + body), False


def grid(rows, columns, width, height, tiles, is_wide=False, properties=()):
    """Returns the item of a grid whose tiles are the items with these numbers."""
    size = struct.pack(">II" if is_wide else ">HH", width, height)
    data = bytes([0, int(is_wide), rows - 1, columns - 1]) + size
    return Item(b"grid", data, [dimensions(width, height), *properties], [(b"dimg", tiles)])


def write(items, primary=1, brands=(b"mif1", b"miaf"), version=0, parts=1, is_data_first=False, more=b""):
    """Writes a file; `version` is that of the item locations, `parts` the extents of an item."""
    first = b"hvc1" if any(item.kind == b"hvc1" for item in items) else b"av01"
    brand = {b"hvc1": b"heic", b"av01": b"avif"}[first]
    start = box(b"ftyp", brand + bytes(4) + b"".join([brand, *brands]))
    outside = b"".join(item.data for item in items if not item.is_in_idat)
    data = box(b"mdat", outside)
    # The offsets have a fixed size, so that the first round tells where the data will be.
    size = len(meta(items, primary, version, parts, 0))
    offset = len(start) + 8 + (0 if is_data_first else size + len(more))
    described = meta(items, primary, version, parts, offset)
    return start + (data + described if is_data_first else described + more + data)


def meta(items, primary, version, parts, offset):
    handler = full_box(b"hdlr", bytes(4) + b"pict" + bytes(13))
    number = struct.pack(">H", primary)
    content = handler + full_box(b"pitm", number)
    content += locations(items, version, parts, offset)
    entries = b"".join(
        full_box(
            b"infe", struct.pack(">HH", at, 0) + item.kind + b"\0", 2, int(item.is_hidden)
        )
        for at, item in enumerate(items, 1)
    )
    content += full_box(b"iinf", struct.pack(">H", len(items)) + entries)
    content += properties(items)
    references = b"".join(
        box(kind, struct.pack(f">HH{len(to)}H", at, len(to), *to))
        for at, item in enumerate(items, 1)
        for kind, to in item.references
    )
    if references:
        content += full_box(b"iref", references)
    inside = b"".join(item.data for item in items if item.is_in_idat)
    if inside:
        content += box(b"idat", inside)
    return full_box(b"meta", content)


def locations(items, version, parts, offset):
    content = b"\x44\x00" + struct.pack(">I" if version == 2 else ">H", len(items))
    inside = 0
    for at, item in enumerate(items, 1):
        content += struct.pack(">I" if version == 2 else ">H", at)
        if version:
            content += struct.pack(">H", int(item.is_in_idat))
        step = max(1, -(-len(item.data) // parts))
        extents = [(part, min(step, len(item.data) - part)) for part in range(0, len(item.data), step)]
        content += struct.pack(">HH", 0, len(extents))
        begin = inside if item.is_in_idat else offset
        content += b"".join(struct.pack(">II", begin + part, length) for part, length in extents)
        if item.is_in_idat:
            inside += len(item.data)
        else:
            offset += len(item.data)
    return full_box(b"iloc", content, version)


def properties(items):
    known, associations = [], b""
    for at, item in enumerate(items, 1):
        associations += struct.pack(">HB", at, len(item.properties))
        for property, is_essential in item.properties:
            if property not in known:
                known.append(property)
            associations += bytes([(known.index(property) + 1) | (0x80 if is_essential else 0)])
    association = full_box(b"ipma", struct.pack(">I", len(items)) + associations)
    return box(b"iprp", box(b"ipco", b"".join(known)) + association)
