"""Checks that comments and Markdown prose keep to 100 columns.

Code is rustfmt's business. Table rows, code blocks, links and generated tables may be wider.
"""

import re
import subprocess
import sys

LIMIT = 100
SCRIPT = re.compile(r"^\s*(//|/?\*)")
COMMENTS = {
    ".rs": re.compile(r"^\s*//"),
    ".ts": SCRIPT,
    ".js": SCRIPT,
    ".mjs": SCRIPT,
    ".cjs": SCRIPT,
    ".py": re.compile(r"^\s*#"),
    ".yaml": re.compile(r"^\s*#"),
    ".yml": re.compile(r"^\s*#"),
    ".toml": re.compile(r"^\s*#"),
    ".sh": re.compile(r"^\s*#"),
}


def wide_lines(path, text):
    """Yields the numbers of lines that are too wide."""
    suffix = "." + path.rsplit(".", 1)[-1]
    in_code = False
    for number, line in enumerate(text.splitlines(), 1):
        if suffix == ".md":
            if line.lstrip().startswith("```"):
                in_code = not in_code
                continue
            exempt = in_code or line.lstrip().startswith(("|", "<", "[!["))
        else:
            pattern = COMMENTS.get(suffix)
            exempt = pattern is None or not pattern.match(line)
        # A line that is one word, such as a URL, can't be broken.
        if len(line) > LIMIT and not exempt and len(line.split()) > 2:
            yield number


def main():
    """Prints each wide line and fails if there is any."""
    listed = subprocess.run(["git", "ls-files"], check=True, capture_output=True, text=True)
    count = 0
    for path in listed.stdout.splitlines():
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except (FileNotFoundError, UnicodeDecodeError):
            continue
        for number in wide_lines(path, text):
            print(f"{path}:{number}: wider than {LIMIT} columns")
            count += 1
    print(f"wide_lines={count}")
    sys.exit(1 if count else 0)


main()
