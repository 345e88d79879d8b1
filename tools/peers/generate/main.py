"""Writes the images on which the engine and the other programs are compared without a folder.

Every run writes the same: what is random has a seed.
"""

import shutil
import sys
from pathlib import Path

import gif
import heif
import heif_containers
import jpeg
import png
import webp


def main(folder):
    shutil.rmtree(folder, ignore_errors=True)
    count = 0
    for module in (jpeg, png, webp, gif, heif, heif_containers):
        for name, content in module.files():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                sys.exit(f"{name} is written twice")
            path.write_bytes(content)
            count += 1
    print(f"generated={count} folder={folder}", file=sys.stderr)


main(Path(sys.argv[1]))
