"""libheif behind the benchmark's protocol: it decodes to RGB, on one thread, and makes no variants.

    {"open": {"path"}}       ->  {"version"}
    {"run": {"iterations"}}  ->  {"ms": [...], "cpuMs": [...], "peakRssKib"}
    "outputs"                ->  {"outputs": []}

`worker.py FILE WIDTH HEIGHT` writes a HEIC as phones make it, of tiles of 512 x 512 pixels.
"""

import io
import json
import re
import struct
import sys
import time

import numpy
import pillow_heif
from PIL import Image

TILE = 512

pillow_heif.options.DECODE_THREADS = 1


def serve() -> None:
    path = None
    for line in sys.stdin:
        command = json.loads(line)
        if command == "outputs":
            answer = {"outputs": []}
        elif "open" in command:
            path = command["open"]["path"]
            answer = {"version": f"libheif {pillow_heif.libheif_version()}"}
        else:
            answer = run(path, command["run"]["iterations"])
        print(json.dumps(answer), flush=True)


def run(path: str, iterations: int) -> dict:
    ms, cpu_ms = [], []
    with open(path, "rb") as file:
        data = file.read()
    for _ in range(iterations):
        cpu, start = time.process_time(), time.perf_counter()
        file = pillow_heif.open_heif(data)
        # Access to the pixels decodes them.
        file[file.primary_index].data
        ms.append((time.perf_counter() - start) * 1e3)
        cpu_ms.append((time.process_time() - cpu) * 1e3)
    with open("/proc/self/status") as status:
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read())
    return {"ms": ms, "cpuMs": cpu_ms, "peakRssKib": int(peak.group(1))}


def scene(width: int, height: int) -> numpy.ndarray:
    """A sky, discs, and noise of two sizes."""
    random = numpy.random.default_rng(7)
    y, x = numpy.mgrid[:height, :width].astype(numpy.float32)
    down = y / height
    pixels = numpy.stack([90 + 120 * down, 140 + 60 * down, 230 - 90 * down], axis=2)
    for _ in range(40):
        left, top = random.random() * width, random.random() * height
        radius = (0.01 + random.random() ** 3 * 0.25) * width
        pixels[(x - left) ** 2 + (y - top) ** 2 < radius**2] = random.random(3) * 255
    coarse = random.normal(0, 12, (height // 8 + 1, width // 8 + 1)).repeat(8, 0).repeat(8, 1)
    pixels += coarse[:height, :width, None]
    pixels += random.normal(0, 4, (height, width, 1))
    return pixels.clip(0, 255).astype(numpy.uint8)


def boxed(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def boxes(data: bytes, start: int, end: int):
    while start < end:
        (size,) = struct.unpack_from(">I", data, start)
        yield data[start + 4 : start + 8], start + 8, start + size
        start += size


def coded(tile: numpy.ndarray) -> tuple[bytes, bytes]:
    """Encodes a tile. Returns its box hvcC, and its data, which is all of mdat."""
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(tile)).save(out, quality=60, chroma=420)
    file = out.getvalue()
    top = {name: (start, end) for name, start, end in boxes(file, 0, len(file))}
    start, end = top[b"meta"]
    meta = {name: span for name, *span in boxes(file, start + 4, end)}
    iprp = {name: span for name, *span in boxes(file, *meta[b"iprp"])}
    ipco = {name: span for name, *span in boxes(file, *iprp[b"ipco"])}
    config, (data_start, data_end) = ipco[b"hvcC"], top[b"mdat"]
    return file[config[0] - 8 : config[1]], file[data_start:data_end]


def heic(pixels: numpy.ndarray) -> bytes:
    height, width, _ = pixels.shape
    rows, columns = -(-height // TILE), -(-width // TILE)
    padding = ((0, rows * TILE - height), (0, columns * TILE - width), (0, 0))
    pixels = numpy.pad(pixels, padding, mode="edge")
    tiles = [
        coded(numpy.ascontiguousarray(pixels[y : y + TILE, x : x + TILE]))
        for y in range(0, rows * TILE, TILE)
        for x in range(0, columns * TILE, TILE)
    ]
    count = len(tiles)
    primary = count + 1
    grid = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)
    ispe = [boxed(b"ispe", struct.pack(">III", 0, *size)) for size in [(TILE, TILE), (width, height)]]
    items = [(b"hvc1", data, [1, 2]) for _, data in tiles] + [(b"grid", grid, [3])]
    ftyp = boxed(b"ftyp", b"heic", bytes(4), b"mif1heic")

    def meta(at: int) -> bytes:
        infos, locations, associations = [], [], []
        for number, (kind, data, properties) in enumerate(items, 1):
            is_hidden = kind != b"grid"
            infos.append(boxed(b"infe", struct.pack(">IHH", 2 << 24 | is_hidden, number, 0), kind, b"\0"))
            locations.append(struct.pack(">HHHII", number, 0, 1, at, len(data)))
            associations.append(struct.pack(">HB", number, len(properties)) + bytes(properties))
            at += len(data)
        references = struct.pack(f">HH{count}H", primary, count, *range(1, primary))
        return boxed(
            b"meta",
            bytes(4),
            boxed(b"hdlr", bytes(8), b"pict", bytes(13)),
            boxed(b"pitm", struct.pack(">IH", 0, primary)),
            boxed(b"iinf", struct.pack(">IH", 0, primary), *infos),
            boxed(b"iloc", struct.pack(">IHH", 0, 0x4400, primary), *locations),
            boxed(b"iref", bytes(4), boxed(b"dimg", references)),
            boxed(
                b"iprp",
                boxed(b"ipco", tiles[0][0], *ispe),
                boxed(b"ipma", struct.pack(">II", 0, primary), *associations),
            ),
        )

    start = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(start) + boxed(b"mdat", *(data for _, data, _ in items))


def main() -> None:
    if len(sys.argv) == 1:
        serve()
        return
    path, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with open(path, "wb") as file:
        file.write(heic(scene(width, height)))


if __name__ == "__main__":
    main()
