"""HEIC and AVIF as cameras and other programs lay them out: turned, cropped, in tiles."""

import exif
import heif
import profiles
import scene
from isobmff import (
    Item,
    aperture,
    box,
    coded,
    colours,
    full_box,
    grid,
    mirror,
    profile,
    rotation,
    write,
)

TILE = (128, 96)


def tiles(encode, rows, columns):
    """Encodes the scene in tiles."""
    width, height = TILE
    whole = scene.rgb(columns * width, rows * height)
    for row in range(rows):
        for column in range(columns):
            left, top = column * width, row * height
            tile = whole.crop((left, top, left + width, top + height))
            yield coded(encode(tile, subsampling="4:2:0"))


def turned(image):
    for quarters in range(4):
        yield f"r{quarters}", write([image.with_properties(rotation(quarters))])
        for axis in range(2):
            both = rotation(quarters), mirror(axis)
            yield f"r{quarters}-m{axis}", write([image.with_properties(*both)])
            yield f"m{axis}-r{quarters}", write([image.with_properties(*reversed(both))])
    for axis in range(2):
        yield f"m{axis}", write([image.with_properties(mirror(axis))])
    yield "crop", write([image.with_properties(aperture(80, 60, 0, 0))])
    yield "crop-left", write([image.with_properties(aperture(80, 60, -20, 10))])
    yield "crop-turned", write([image.with_properties(aperture(80, 60, -20, 10), rotation(1))])
    yield "crop-outside", write([image.with_properties(aperture(80, 60, -100, 0))])
    block = Item(b"Exif", bytes(4) + exif.block(6), [], [(b"cdsc", [1])])
    yield "exif-o6", write([image, block])
    yield "exif-o6-r1", write([image.with_properties(rotation(1)), block])
    yield "exif-o6-r3", write([image.with_properties(rotation(3)), block])


def in_tiles(encode):
    four = list(tiles(encode, 2, 2))
    for item in four:
        item.is_hidden = True
    width, height = TILE[0] * 2, TILE[1] * 2
    numbers = [1, 2, 3, 4]
    plain = grid(2, 2, width, height, numbers)
    yield "grid", write([*four, plain], 5)
    yield "grid-first", write([grid(2, 2, width, height, [2, 3, 4, 5]), *four], 1)
    yield "grid-cropped", write([*four, grid(2, 2, width - 30, height - 20, numbers)], 5)
    yield "grid-odd", write([*four, grid(2, 2, width - 31, height - 21, numbers)], 5)
    yield "grid-wide", write([*four, grid(2, 2, width, height, numbers, is_wide=True)], 5)
    for quarters in range(1, 4):
        item = grid(2, 2, width - 30, height, numbers, properties=[rotation(quarters)])
        yield f"grid-r{quarters}", write([*four, item], 5)
    item = grid(2, 2, width, height, numbers, properties=[rotation(1), mirror(0)])
    yield "grid-r1-m0", write([*four, item], 5)
    yield "grid-in-idat", write([*four, in_idat(plain)], 5, version=1)
    yield "grid-version-2", write([*four, plain], 5, version=2)
    shuffled = [four[2], four[0], four[3], four[1]]
    yield "grid-shuffled", write([*shuffled, grid(2, 2, width, height, [2, 4, 1, 3])], 5)
    yield "grid-in-parts", write([*four, plain], 5, parts=3)
    yield "grid-tile-missing", write([*four, grid(2, 2, width, height, [1, 2, 3])], 5)
    yield "grid-tile-unknown", write([*four, grid(2, 2, width, height, [1, 2, 3, 9])], 5)
    yield "grid-too-large", write([*four, grid(2, 2, width + 40, height, numbers)], 5)
    yield "grid-of-one", write([four[0], grid(1, 1, 100, 90, [1])], 2)
    swapped = profile(dict(profiles.of_colours())["swapped"])
    yield "grid-icc", write([*four, grid(2, 2, width, height, numbers, properties=[swapped])], 5)
    many = list(tiles(encode, 5, 6))
    item = grid(5, 6, 6 * TILE[0] - 10, 5 * TILE[1] - 10, list(range(1, 31)))
    yield "grid-of-30", write([*many, item], 31)
    row = list(tiles(encode, 1, 3))
    yield "grid-row", write([*row, grid(1, 3, 3 * TILE[0], TILE[1], [1, 2, 3])], 4)


def in_idat(item):
    return Item(item.kind, item.data, item.properties, item.references, is_in_idat=True)


def laid_out(image, other):
    for version in range(3):
        yield f"version-{version}", write([image], version=version)
    yield "in-parts", write([image], parts=5)
    yield "in-idat", write([in_idat(image)], version=1)
    yield "data-first", write([image], is_data_first=True)
    yield "second-is-primary", write([other, image], 2)
    hidden = Item(other.kind, other.data, other.properties, [], is_hidden=True)
    yield "hidden-first", write([hidden, image], 2)
    thumbnail = Item(other.kind, other.data, other.properties, [(b"thmb", [1])])
    yield "thumbnail", write([image, thumbnail])
    yield "unknown-item", write([image, Item(b"abcd", b"what no program knows")])
    yield "unknown-property", write([image.with_properties((box(b"abcd", b"1234"), False))])
    yield "unknown-essential", write([image.with_properties((box(b"abcd", b"1234"), True))])
    unknown = full_box(b"uuid", bytes(40))
    yield "unknown-box", write([image], more=box(b"free", bytes(30)) + unknown)
    yield "video-behind", write([image]) + box(b"mpvd", bytes(500))
    yield "primary-missing", write([image], 7)
    yield "no-brands", write([image], brands=())
    without = [each for each in image.properties if each[0][4:8] != b"pixi"]
    yield "no-pixi", write([Item(image.kind, image.data, without)])
    without = [each for each in image.properties if each[0][4:8] != b"colr"]
    yield "no-colr", write([Item(image.kind, image.data, without)])
    without = [each for each in image.properties if each[0][4:8] != b"ispe"]
    yield "no-ispe", write([Item(image.kind, image.data, without)])
    for name, content in profiles.of_colours():
        if name in ("swapped", "p3-cicp-p3"):
            yield f"icc-{name}-and-nclx", write([image.with_properties(profile(content))])


# Primaries and transfers: sRGB, BT.709, BT.601, Display P3, BT.2020, and its HDR.
COLOURS = {
    "srgb": (1, 13),
    "bt709": (1, 1),
    "bt601": (6, 6),
    "unspecified": (2, 2),
    "p3": (12, 13),
    "bt2020": (9, 14),
    "pq": (9, 16),
    "hlg": (9, 18),
}


def coloured(image):
    plain = [each for each in image.properties if each[0][4:8] != b"colr"]
    for name, (primaries, transfer) in COLOURS.items():
        properties = [*plain, colours(primaries, transfer, 6)]
        yield f"nclx-{name}", write([Item(image.kind, image.data, properties)])
    # The range and the matrix are the coded image's own, whatever a program would rather assume.
    for name, matrix, is_full in (("bt709", 1, True), ("bt2020", 9, True), ("limited", 6, False)):
        properties = [*plain, colours(1, 13, matrix, is_full)]
        yield f"matrix-{name}", write([Item(image.kind, image.data, properties)])
    for name, content in profiles.broken():
        properties = [*image.properties, profile(content)]
        yield f"icc-broken-{name}", write([Item(image.kind, image.data, properties)])


def files():
    for kind, encode in (("heic", heif.heic), ("avif", heif.avif)):
        image = coded(encode(scene.rgb(), subsampling="4:2:0"))
        other = coded(encode(scene.rgb(64, 64).rotate(180), subsampling="4:2:0"))
        for part, made in (
            ("turned", turned(image)),
            ("tiles", in_tiles(encode)),
            ("layout", laid_out(image, other)),
            ("colours", coloured(image)),
        ):
            for name, content in made:
                yield f"heif/{kind}-{part}/{name}.{kind}", content
