"""Texts of a template of which some parts are decided at deployment only.

A text is a tuple of strings and `Unknown`s. What is proved with them is proved for every value.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Unknown:
    """A value that a deployment decides: the stage, the account, the id of a pool."""

    name: str


def text(*parts) -> tuple:
    """Joins strings, unknowns and texts; neighbouring strings become one."""
    joined = []
    for part in parts:
        for piece in part if isinstance(part, tuple) else (part,):
            if isinstance(piece, str) and joined and isinstance(joined[-1], str):
                joined[-1] += piece
            elif piece != "":
                joined.append(piece)
    return tuple(joined)


def starts_with(whole: tuple, head: tuple):
    """Returns what a text has behind a head, or None if it does not begin with it."""
    if not head:
        return whole
    last = len(head) - 1
    if len(whole) <= last or whole[:last] != head[:last]:
        return None
    ours, given = whole[last], head[last]
    if ours == given:
        return whole[last + 1 :]
    if isinstance(ours, str) and isinstance(given, str) and ours.startswith(given):
        return text(ours[len(given) :], whole[last + 1 :])
    return None


def fixed(whole: tuple, values: dict) -> tuple:
    """Replaces the unknowns that have a value."""
    return text(*(values.get(p.name, p) if isinstance(p, Unknown) else p for p in whole))


def shown(whole: tuple) -> str:
    """A text as the template would write it."""
    return "".join(p if isinstance(p, str) else "${%s}" % p.name for p in whole)
