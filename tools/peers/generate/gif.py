"""GIFs: screens, frames, palettes and code streams as old programs wrote them."""

import struct

import numpy
import scene

TRAILER = b"\x3b"
LEVELS = 4


def palette(count=64):
    """Returns colours in which the scene's indices mean something, then fillers."""
    steps = [level * 255 // (LEVELS - 1) for level in range(LEVELS)]
    colours = [(red, green, blue) for red in steps for green in steps for blue in steps]
    colours = (colours * 4)[:count]
    return bytes(sample for colour in colours for sample in colour)


def indices(width=60, height=40):
    levels = scene.pixels(width, height).astype(int) * LEVELS // 256
    return levels[..., 0] * LEVELS * LEVELS + levels[..., 1] * LEVELS + levels[..., 2]


def codes(values, bits, first_clear=True, end=True):
    """Packs indices as codes of LZW."""
    clear = 1 << bits
    table = {(value,): value for value in range(clear)}
    width, following = bits + 1, clear + 2
    output = total = 0
    known = ()

    def put(code):
        nonlocal output, total
        output |= code << total
        total += width

    if first_clear:
        put(clear)
    for value in values:
        longer = (*known, value)
        if longer in table:
            known = longer
            continue
        put(table[known])
        table[longer] = following
        following += 1
        if following > (1 << width) and width < 12:
            width += 1
        if following == 4095:
            put(clear)
            table = {(each,): each for each in range(clear)}
            width, following = bits + 1, clear + 2
        known = (value,)
    if known:
        put(table[known])
    if end:
        put(clear + 1)
    return output.to_bytes(-(-total // 8), "little")


def blocks(content, end=True):
    parts = [content[at : at + 255] for at in range(0, len(content), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts) + (b"\0" if end else b"")


def screen(width=60, height=40, table=palette(), background=0, version=b"GIF89a"):
    flags = 0
    if table:
        flags = 0x80 | ((len(table) // 3).bit_length() - 2)
    return version + struct.pack("<HHBBB", width, height, flags | 0x70, background, 0) + table


def frame(values, left=0, top=0, table=b"", bits=6, interlaced=False, size=None, **options):
    height, width = values.shape
    flags = 0x80 | ((len(table) // 3).bit_length() - 2) if table else 0
    if interlaced:
        order = [*range(0, height, 8), *range(4, height, 8), *range(2, height, 4), *range(1, height, 2)]
        values, flags = values[order], flags | 0x40
    width, height = size or (width, height)
    head = b"\x2c" + struct.pack("<HHHHB", left, top, width, height, flags) + table
    ends = options.pop("block_end", True)
    return head + bytes([bits]) + blocks(codes(values.reshape(-1).tolist(), bits, **options), ends)


def control(transparent=None, disposal=0, delay=10):
    flags = disposal << 2 | (transparent is not None)
    return b"\x21\xf9\x04" + struct.pack("<BHB", flags, delay, transparent or 0) + b"\0"


def screens():
    image = indices()
    first = frame(image)
    yield "plain", screen() + first + TRAILER
    yield "version-87a", screen(version=b"GIF87a") + first + TRAILER
    for size in ((0, 0), (0, 40), (60, 0), (30, 20), (1, 1), (100, 80), (61, 40)):
        yield f"screen-{size[0]}x{size[1]}", screen(*size) + first + TRAILER
    for left, top in ((10, 10), (20, 0), (0, 20), (59, 39), (60, 40), (100, 100)):
        yield f"frame-at-{left}-{top}", screen() + frame(image, left, top) + TRAILER
        small = frame(indices(20, 10), left, top)
        yield f"small-frame-at-{left}-{top}", screen(background=9) + small + TRAILER
    small = frame(indices(20, 10), 10, 10)
    bright = bytes(255 - sample for sample in palette())
    yield "bright-small-frame", screen(table=bright, background=9) + small + TRAILER
    yield "local-small-frame", (
        screen(table=b"", background=9) + frame(indices(20, 10), 10, 10, table=bright) + TRAILER
    )
    for background in (0, 5, 63, 200):
        small = frame(indices(20, 10), 10, 10)
        yield f"background-{background}", screen(background=background) + small + TRAILER
        yield f"background-{background}-transparent", (
            screen(background=background) + control(transparent=3) + small + TRAILER
        )


def frames():
    image = indices()
    yield "interlaced", screen() + frame(image, interlaced=True) + TRAILER
    common = int(numpy.bincount(image.reshape(-1)).argmax())
    for transparent in (common, 200):
        yield f"transparent-{transparent}", screen() + control(transparent) + frame(image) + TRAILER
    second = control(disposal=2) + frame(image[::-1])
    for disposal in range(4):
        one = control(disposal=disposal) + frame(image)
        yield f"animated-disposal-{disposal}", screen() + one + second + TRAILER
    loop = b"\x21\xff\x0bNETSCAPE2.0\3\1\0\0\0"
    yield "animated-loop", screen() + loop + control() + frame(image) + second + TRAILER
    yield "comment", screen() + b"\x21\xfe\5hello\0" + frame(image) + TRAILER
    yield "unknown-extension", screen() + b"\x21\x99\3abc\0" + frame(image) + TRAILER
    yield "text-extension", screen() + b"\x21\x01\x0c" + bytes(12) + b"\0" + frame(image) + TRAILER
    empty = b"\x2c" + bytes(4) + bytes(4) + b"\0\6\0"
    yield "empty-frame-first", screen() + empty + frame(image) + TRAILER
    yield "small-second", screen() + frame(image) + frame(indices(10, 10), 5, 5) + TRAILER
    yield "two-controls", screen() + control(transparent=5) + control() + frame(image) + TRAILER


def palettes():
    image = indices()
    yield "local", screen(table=b"") + frame(image, table=palette()) + TRAILER
    reverse = bytes(255 - sample for sample in palette())
    yield "both", screen(table=reverse) + frame(image, table=palette()) + TRAILER
    yield "none", screen(table=b"") + frame(image) + TRAILER
    for count in (2, 4, 16, 32):
        bits = max(2, count.bit_length() - 1)
        yield f"of-{count}", screen(table=palette(count)) + frame(image % count, bits=bits) + TRAILER
        yield f"of-{count}-too-short", screen(table=palette(count)) + frame(image) + TRAILER
    yield "of-256", screen(table=palette(256)) + frame(image, bits=8) + TRAILER
    yield "code-size-8-of-64", screen() + frame(image, bits=8) + TRAILER
    yield "code-size-1", screen(table=palette(2)) + frame(image % 2, bits=1) + TRAILER
    yield "code-size-11", screen() + frame(image, bits=11) + TRAILER


def ends():
    image = indices()
    whole = screen() + frame(image) + TRAILER
    yield "no-trailer", whole[:-1]
    yield "no-block-end", screen() + frame(image, block_end=False) + TRAILER
    yield "no-end-code", screen() + frame(image, end=False) + TRAILER
    yield "no-clear-code", screen() + frame(image, first_clear=False) + TRAILER
    yield "trailing-junk", whole + b"junk" * 20
    yield "junk-between-frames", screen() + frame(image) + b"junk" + frame(image[::-1]) + TRAILER
    yield "zeros-before-frame", screen() + b"\0\0\0" + frame(image) + TRAILER
    yield "trailer-first", screen() + TRAILER + frame(image) + TRAILER
    for percent in (30, 60, 95):
        yield f"cut-{percent}", whole[: len(whole) * percent // 100]
        cut = image.reshape(-1)[: image.size * percent // 100].reshape(1, -1)
        yield f"too-few-pixels-{percent}", screen() + frame(cut, size=(60, 40)) + TRAILER
    yield "too-many-pixels", screen() + frame(image, size=(60, 30)) + TRAILER
    two = screen() + frame(image) + frame(image[::-1]) + TRAILER
    yield "cut-in-second-frame", two[: len(two) * 3 // 4]
    for seed in range(4):
        damaged = bytearray(whole)
        at = int(numpy.random.default_rng(seed).integers(240, len(whole) - 20))
        damaged[at] ^= 0x21
        yield f"damaged-{seed}", bytes(damaged)


def files():
    for make in (screens, frames, palettes, ends):
        for name, content in make():
            yield f"gif/{make.__name__}/{name}.gif", content
