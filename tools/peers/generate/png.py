"""PNGs: colour types, depths, interlacing, chunks in every order, profiles, damage, ends."""

import struct
import zlib

import exif
import numpy
import profiles
import scene

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(name, body, crc=None):
    crc = zlib.crc32(name + body) if crc is None else crc
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc)


def header(width, height, depth, kind, interlaced=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced))


def packed(rows, depth):
    """Packs samples, given as a plane for each channel, into filtered scanlines."""
    lines = []
    previous = None
    for number, row in enumerate(rows):
        samples = row.reshape(-1)
        if depth == 16:
            line = samples.astype(">u2").tobytes()
        elif depth == 8:
            line = samples.astype("uint8").tobytes()
        else:
            bits = (samples[:, None] >> numpy.arange(depth - 1, -1, -1)) & 1
            line = numpy.packbits(bits.astype("uint8").reshape(-1)).tobytes()
        # Every other line is filtered by the one above.
        if number % 2 and previous is not None:
            now, above = (numpy.frombuffer(each, "uint8") for each in (line, previous))
            lines.append(b"\2" + (now - above).tobytes())
        else:
            lines.append(b"\0" + line)
        previous = line
    return b"".join(lines)


def scanlines(samples, depth, interlaced):
    if not interlaced:
        return packed(samples, depth)
    parts = (samples[y::dy, x::dx] for x, y, dx, dy in PASSES)
    return b"".join(packed(part, depth) for part in parts if part.size)


def data(content, parts=1):
    size = -(-len(content) // parts)
    return b"".join(chunk(b"IDAT", content[at : at + size]) for at in range(0, len(content), size))


def palette(depth):
    count = 1 << depth
    levels = numpy.linspace(0, 255, count).astype("uint8")
    return numpy.stack([levels, levels[::-1], numpy.roll(levels, count // 3)], axis=1).tobytes()


def samples(kind, depth, width=80, height=60):
    top = (1 << depth) - 1
    colours = scene.pixels(width, height).astype("uint32")
    clear = scene.alpha(width, height).astype("uint32")[..., None]
    if kind in (GREY, GREY_ALPHA, PALETTE):
        colours = colours.mean(axis=2, keepdims=True).astype("uint32")
    if kind in (GREY_ALPHA, RGBA):
        colours = numpy.concatenate([colours, clear], axis=2)
    return colours * top // 255


def image(kind, depth=8, interlaced=0, before=b"", behind=b"", parts=1, size=(80, 60), end=True):
    """Returns a PNG with other chunks before and behind its data."""
    content = zlib.compress(scanlines(samples(kind, depth, *size), depth, interlaced), 1)
    table = chunk(b"PLTE", palette(depth)) if kind == PALETTE else b""
    start = SIGNATURE + header(*size, depth, kind, interlaced) + table + before
    return start + data(content, parts) + behind + (chunk(b"IEND", b"") if end else b"")


DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGBA: (8, 16)}
NAMES = {GREY: "grey", RGB: "rgb", PALETTE: "palette", GREY_ALPHA: "grey-alpha", RGBA: "rgba"}


def kinds():
    for kind, depths in DEPTHS.items():
        for depth in depths:
            for interlaced in (0, 1):
                name = f"{NAMES[kind]}-{depth}" + ("-interlaced" if interlaced else "")
                yield name, image(kind, depth, interlaced)
    for size in ((1, 1), (1, 70), (3, 2), (5, 5), (700, 20)):
        for interlaced in (0, 1):
            name = f"size-{size[0]}x{size[1]}" + ("-interlaced" if interlaced else "")
            yield name, image(RGB, 8, interlaced, size=size)
    for kind, depth in ((RGB, 8), (RGB, 16), (RGBA, 8), (PALETTE, 8), (GREY_ALPHA, 16)):
        for interlaced in (0, 1):
            name = f"large-{NAMES[kind]}-{depth}" + ("-interlaced" if interlaced else "")
            yield name, image(kind, depth, interlaced, size=(1201, 803))


def transparency():
    grey = int(samples(GREY, 8)[30, 40, 0])
    colour = samples(RGB, 8)[30, 40]
    yield "grey", image(GREY, before=chunk(b"tRNS", struct.pack(">H", grey)))
    yield "rgb", image(RGB, before=chunk(b"tRNS", struct.pack(">3H", *map(int, colour))))
    grey = int(samples(GREY, 16)[30, 40, 0])
    yield "grey-16", image(GREY, 16, before=chunk(b"tRNS", struct.pack(">H", grey)))
    for depth in (1, 4, 8):
        for count in sorted({1, (1 << depth) // 2, 1 << depth}):
            levels = bytes(255 * at // count for at in range(count))
            yield f"palette-{depth}-{count}", image(PALETTE, depth, before=chunk(b"tRNS", levels))
    yield "palette-empty", image(PALETTE, before=chunk(b"tRNS", b""))
    yield "palette-too-long", image(PALETTE, 2, before=chunk(b"tRNS", bytes([200] * 9)))
    yield "rgba-too", image(RGBA, before=chunk(b"tRNS", bytes(6)))


def iccp(profile, name=b"made here", crc=None):
    return chunk(b"iCCP", name + b"\0\0" + zlib.compress(profile), crc)


COLOURS = {
    "iccp": iccp(dict(profiles.of_colours())["swapped"]),
    "srgb": chunk(b"sRGB", b"\0"),
    "gama": chunk(b"gAMA", struct.pack(">I", 45455)),
    "gama-1": chunk(b"gAMA", struct.pack(">I", 100000)),
    "chrm": chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)),
    "cicp-srgb": chunk(b"cICP", bytes([1, 13, 0, 1])),
    "cicp-p3": chunk(b"cICP", bytes([12, 13, 0, 1])),
}


def colours():
    for name, profile in profiles.of_colours():
        yield f"profile-{name}", image(RGB, before=iccp(profile))
    p3 = dict(profiles.of_colours())["swapped"]
    for kind in (RGBA, PALETTE):
        yield f"iccp-{NAMES[kind]}", image(kind, before=iccp(p3))
    yield "iccp-rgb-16", image(RGB, 16, before=iccp(p3))
    for name, profile in profiles.of_greys():
        for kind, depth in ((GREY, 8), (GREY_ALPHA, 8), (GREY, 16), (GREY, 4)):
            yield f"iccp-{NAMES[kind]}-{depth}-{name}", image(kind, depth, before=iccp(profile))
    for name, profile in profiles.broken():
        yield f"iccp-broken-{name}", image(RGB, before=iccp(profile))
    yield "iccp-of-rgb-on-grey", image(GREY, before=iccp(p3))
    yield "iccp-of-grey-on-rgb", image(RGB, before=iccp(dict(profiles.of_greys())["dot-gain"]))
    yield "iccp-bad-crc", image(RGB, before=iccp(p3, crc=1))
    yield "iccp-long-name", image(RGB, before=iccp(p3, b"n" * 90))
    yield "iccp-behind-data", image(RGB, behind=iccp(p3))
    yield "iccp-twice", image(RGB, before=iccp(p3) + iccp(dict(profiles.of_colours())["linear"]))
    for first in COLOURS:
        yield f"only-{first}", image(RGB, before=COLOURS[first])
        for second in COLOURS:
            if first != second and not (first[:4] == second[:4]):
                yield f"{first}-{second}", image(RGB, before=COLOURS[first] + COLOURS[second])


def orientations():
    for name, block in exif.spellings():
        yield name, image(RGB, before=chunk(b"eXIf", block))
    o6 = exif.block(6)
    yield "prefix-o6", image(RGB, before=chunk(b"eXIf", b"Exif\0\0" + o6))
    yield "behind-data-o6", image(RGB, behind=chunk(b"eXIf", o6))
    yield "bad-crc-o6", image(RGB, before=chunk(b"eXIf", o6, crc=1))
    yield "twice", image(RGB, before=chunk(b"eXIf", o6) + chunk(b"eXIf", exif.block(3)))
    yield "rgba-o6", image(RGBA, before=chunk(b"eXIf", o6))
    yield "palette-o8", image(PALETTE, before=chunk(b"eXIf", exif.block(8)))
    raw = b"\nexif\n%8d\n" % (len(o6) + 6) + (b"Exif\0\0" + o6).hex().encode() + b"\n"
    profile = b"Raw profile type exif\0\0" + zlib.compress(raw)
    yield "raw-profile-o6", image(RGB, before=chunk(b"zTXt", profile))


def chunks():
    yield "many-data", image(RGB, parts=50)
    yield "empty-data", image(RGB, before=chunk(b"IDAT", b""))
    yield "text-between", image(RGB, before=chunk(b"tEXt", b"Title\0x"), behind=chunk(b"tEXt", b"a\0b"))
    yield "long-text", image(RGB, before=chunk(b"tEXt", b"Comment\0" + b"x" * 300_000))
    yield "unknown", image(RGB, before=chunk(b"prVt", b"private"))
    yield "unknown-critical", image(RGB, before=chunk(b"CrIt", b"critical"))
    yield "bad-crc-text", image(RGB, before=chunk(b"tEXt", b"Title\0x", crc=1))
    yield "bad-crc-gama", image(RGB, before=chunk(b"gAMA", struct.pack(">I", 45455), crc=1))
    yield "bad-crc-phys", image(RGB, before=chunk(b"pHYs", struct.pack(">IIB", 1, 1, 1), crc=1))
    yield "srgb-invalid", image(RGB, before=chunk(b"sRGB", b"\x63"))
    yield "suggested-palette", image(RGB, before=chunk(b"PLTE", palette(4)))
    yield "sbit-bkgd", image(RGBA, before=chunk(b"sBIT", b"\5\6\5\7") + chunk(b"bKGD", bytes(6)))
    yield "short-palette", image(PALETTE).replace(
        chunk(b"PLTE", palette(8)), chunk(b"PLTE", palette(8)[: 3 * 100])
    )
    yield "palette-missing", image(PALETTE).replace(chunk(b"PLTE", palette(8)), b"")
    control = chunk(b"acTL", struct.pack(">II", 2, 0))
    frame = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 80, 60, 0, 0, 1, 10, 0, 0))
    second = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 1, 80, 60, 0, 0, 1, 10, 0, 0))
    pixels = zlib.compress(scanlines(255 - samples(RGB, 8), 8, 0))
    rest = second + chunk(b"fdAT", struct.pack(">I", 2) + pixels)
    yield "animated", image(RGB, before=control + frame, behind=rest)
    default = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 80, 60, 0, 0, 1, 10, 0, 0))
    rest = default + chunk(b"fdAT", struct.pack(">I", 1) + pixels)
    yield "animated-other-default", image(
        RGB, before=chunk(b"acTL", struct.pack(">II", 1, 0)), behind=rest
    )


def ends():
    whole = image(RGB, parts=3)
    yield "no-end", image(RGB, end=False)
    yield "end-cut", whole[:-4]
    yield "end-bad-crc", whole[:-4] + b"abcd"
    yield "trailer", whole + b"trailer" * 20
    yield "second-image", whole + image(RGB, size=(20, 20))
    for percent in (20, 50, 90):
        yield f"cut-{percent}", whole[: len(whole) * percent // 100]
    lines = scanlines(samples(RGB, 8), 8, 0)
    start = SIGNATURE + header(80, 60, 8, RGB)
    end = chunk(b"IEND", b"")
    content = zlib.compress(lines)
    yield "too-few-lines", start + data(zlib.compress(lines[: len(lines) // 2])) + end
    yield "too-many-lines", start + data(zlib.compress(lines + bytes(5000))) + end
    yield "stream-without-end", start + data(content[:-9]) + end
    yield "stream-bad-checksum", start + data(content[:-4] + b"abcd") + end
    yield "stream-without-checksum", start + data(content[:-4]) + end
    yield "stream-with-more", start + data(content + b"more") + end
    yield "stored", start + data(zlib.compress(lines, 0)) + end
    yield "data-bad-crc", start + chunk(b"IDAT", content, crc=1) + end
    broken = bytearray(content)
    broken[len(content) // 2] ^= 0x55
    yield "stream-damaged", start + data(bytes(broken)) + end
    yield "filter-invalid", start + data(zlib.compress(b"\7" + lines[1:])) + end
    yield "header-bad-crc", SIGNATURE + header(80, 60, 8, RGB)[:-4] + b"abcd" + data(content) + end


def files():
    for make in (kinds, transparency, colours, orientations, chunks, ends):
        for name, content in make():
            yield f"png/{make.__name__}/{name}.png", content
