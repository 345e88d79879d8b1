"""A page that shows the programs' images side by side."""

from html import escape

import pixels
from verdict import Refused

# Findings come first.
ORDER = ("differ", "refused", "alone", "split")

HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Images that differ</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; margin: 1rem; background: #ddd }
section { margin-bottom: 1.5rem }
figure { display: inline-block; vertical-align: top; margin: 0 1rem 0 0; max-width: 16rem }
img { max-width: 16rem; max-height: 16rem; image-rendering: pixelated }
</style>
<h1>Images that differ</h1>
"""


class Page:
    """The page, with its images in files beside it."""

    def __init__(self, folder):
        self.folder = folder
        self.sections = []

    def add(self, outcome, line, answers):
        """Adds a file."""
        figures = []
        for name, answer in answers.items():
            if isinstance(answer, Refused):
                shown = f"<p>{escape(answer.message)}</p>"
            else:
                image = answer.images[0]
                file = f"{len(self.sections)}-{name}.png"
                image.resize(pixels.fit(*image.size, 256)).save(self.folder / file)
                shown = f'<img src="{file}" alt="" loading="lazy">'
            caption = f"<figcaption>{name}: {escape(str(answer))}</figcaption>"
            figures.append(f"<figure>{shown}{caption}</figure>")
        section = f"<section><p>{escape(line)}</p>{''.join(figures)}</section>\n"
        self.sections.append((ORDER.index(outcome), section))

    def write(self):
        """Writes the page and returns its path."""
        path = self.folder / "index.html"
        sections = [section for _, section in sorted(self.sections, key=lambda each: each[0])]
        path.write_text(HEAD + "".join(sections), encoding="utf-8")
        return path.resolve()
