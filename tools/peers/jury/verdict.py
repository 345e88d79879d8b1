"""What the programs' answers for one file mean."""

from dataclasses import dataclass, field
from itertools import combinations

import pixels
from members import CRASHED

OURS = "engine"


@dataclass
class Shown:
    """A program's image, in each size."""

    width: int
    height: int
    images: list

    def __str__(self):
        return f"{self.width}x{self.height}"


@dataclass
class Refused:
    """A program's refusal."""

    code: str
    message: str

    def __str__(self):
        return self.code or "refused"


@dataclass
class Verdict:
    """The outcome of a comparison, with the distances between all who show the image."""

    outcome: str
    distances: dict = field(default_factory=dict)

    def worst(self, one, other):
        """Returns the largest error between two programs; `None` where their sizes differ."""
        distances = self.distances.get((one, other)) or self.distances.get((other, one))
        return max(mean for mean, _ in distances) if distances else None


def judge(answers, quorum=2):
    """Compares the engine's answer with the others'.

    Outcomes are `agree`, `differ` and `refused` where at least `quorum` of the others show the
    same, `split` where as many show something and no two of them the same, `alone` where the engine
    shows what fewer of them show, and `nothing`. An engine that crashes is always `refused`.
    """
    shown = {name: answer for name, answer in answers.items() if isinstance(answer, Shown)}
    distances = {}
    same = set()
    for one, other in combinations(shown, 2):
        a, b = shown[one], shown[other]
        if (a.width, a.height) == (b.width, b.height):
            pairs = zip(a.images, b.images, strict=True)
            distances[one, other] = [pixels.distance(*pair) for pair in pairs]
            if pixels.is_close(distances[one, other]):
                same |= {(one, other), (other, one)}
    ours = answers[OURS]
    if isinstance(ours, Refused) and ours.code == CRASHED:
        return Verdict("refused", distances)
    others = [name for name in shown if name != OURS]
    if len(others) < quorum:
        return Verdict("alone" if OURS in shown else "nothing", distances)
    agreed = {name for name in others if quorum == 1 or any((name, o) in same for o in others)}
    if not agreed:
        return Verdict("split", distances)
    if OURS not in shown:
        return Verdict("refused", distances)
    is_same = any((OURS, name) in same for name in agreed)
    return Verdict("agree" if is_same else "differ", distances)
