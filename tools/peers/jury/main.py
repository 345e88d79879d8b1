"""Compares what the engine makes of every file in a folder with what other programs show.

Each program is a process of its own and goes through all files; see `verdict.py` for the rule.
Prints one line for each file on which the engine is alone, and counts as `name=value`.
"""

import argparse
import shutil
import sys
from collections import Counter
from concurrent.futures import Future
from pathlib import Path
from threading import BoundedSemaphore, Thread

import pixels
from exceptions import EXCEPTIONS, Case, exception
from formats import sniff
from members import Member
from page import ORDER, Page
from verdict import OURS, Refused, Shown, judge

WORKERS = Path(__file__).resolve().parent.parent / "workers"

# How many files a program may be ahead of the slowest: their images are kept in memory.
AHEAD = 64

# HEIC is shown by no Chromium and not by the sharp that npm installs: one program has to do.
JURIES = {"heic": (("pillow",), 1)}
JURY = (("chromium", "sharp", "pillow"), 2)

FINDINGS = ("differ", "refused")


def commands(engine):
    return {
        OURS: [engine],
        "chromium": ["node", str(WORKERS / "chromium.js")],
        "sharp": ["node", str(WORKERS / "sharp.js")],
        "pillow": [sys.executable, str(WORKERS / "pillow.py")],
    }


class Jury:
    """All programs, side by side."""

    def __init__(self, engine, scratch, log, timeout_secs):
        self.scratch = scratch
        one_thread = {"UV_THREADPOOL_SIZE": "1"}
        self.commands = commands(engine)
        self.members = {
            name: Member(name, command, log, timeout_secs, one_thread)
            for name, command in self.commands.items()
        }
        # Beside the one that is at work on a later file.
        self.critic = Member("critic", self.commands["sharp"], log, timeout_secs, one_thread)

    def answers(self, files):
        """Yields the answers of all members of the file's jury, file by file."""
        windows = {name: BoundedSemaphore(AHEAD) for name in self.members}
        answers = {name: [Future() for _ in files] for name in self.members}

        def work(name):
            for number, (path, format) in enumerate(files):
                windows[name].acquire()
                if not is_asked(name, format):
                    continue
                try:
                    answers[name][number].set_result(self.answer(name, number, path))
                except Exception as error:
                    answers[name][number].set_exception(error)

        for name in self.members:
            # A thread that waits for its turn must not keep a run alive that has failed.
            Thread(target=work, args=(name,), daemon=True).start()
        for number, (path, format) in enumerate(files):
            asked = [name for name in self.members if is_asked(name, format)]
            yield path, format, {name: answers[name][number].result() for name in asked}
            for name, window in windows.items():
                answers[name][number] = None
                window.release()

    def answer(self, name, number, path):
        out = self.scratch / f"{name}-{number}"
        job = {"path": str(path), "out": str(out), "edges": pixels.EDGES}
        answer = self.members[name].ask(job)
        if answer["outcome"] == "shown":
            return Shown(answer["width"], answer["height"], pixels.read(answer, out))
        return Refused(answer.get("code", ""), answer["message"])

    def complaint(self, path):
        answer = self.critic.ask({"path": str(path), "diagnose": True})
        return answer.get("message", "")

    def finish(self):
        for member in (*self.members.values(), self.critic):
            member.finish()


def is_asked(name, format):
    members, _ = JURIES.get(format, JURY)
    return name == OURS or name in members


def described(path, verdict, answers):
    """Returns the line of a finding."""
    parts = [f"{verdict.outcome} {path}:"]
    for name, answer in answers.items():
        worst = verdict.worst(OURS, name) if name != OURS else None
        parts.append(f"{name} {answer}" + (f" (error {worst:.1f})" if worst is not None else ""))
    return " ".join(parts)


def compare(jury, folder, files, page):
    """Compares all files and returns the counts."""
    counts = Counter()
    excepted = Counter()
    for done, (path, format, answers) in enumerate(jury.answers(files), 1):
        if done % 500 == 0:
            print(f"{done} of {len(files)} files", file=sys.stderr)
        _, quorum = JURIES.get(format, JURY)
        verdict = judge(answers, quorum)
        counts[verdict.outcome] += 1
        if verdict.outcome in FINDINGS:
            case = Case(path, format, answers, verdict, lambda path=path: jury.complaint(path))
            name = exception(case)
            if name is not None:
                counts[verdict.outcome] -= 1
                excepted[name] += 1
                continue
        if verdict.outcome in ORDER:
            line = described(path.relative_to(folder), verdict, answers)
            page.add(verdict.outcome, line, answers)
            print(line, flush=True)
    return counts, excepted


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, required=True, help="folder with the files")
    parser.add_argument("--engine", required=True, help="program of the engine's worker")
    parser.add_argument("--out", type=Path, required=True, help="folder for the page")
    parser.add_argument("--timeout-secs", type=int, default=60, help="for one file and program")
    arguments = parser.parse_args()

    folder = arguments.images
    every = sorted(path for path in folder.rglob("*") if path.is_file())
    files = [(path, format) for path in every if (format := sniff(path)) is not None]
    if not files:
        sys.exit(f"{folder} has no image of a format that is accepted")
    scratch = arguments.out / "scratch"
    shutil.rmtree(arguments.out, ignore_errors=True)
    scratch.mkdir(parents=True)
    with open(arguments.out / "workers.log", "wb") as log:
        jury = Jury(arguments.engine, scratch, log, arguments.timeout_secs)
        page = Page(arguments.out)
        try:
            counts, excepted = compare(jury, folder, files, page)
        finally:
            jury.finish()
    shutil.rmtree(scratch)
    print(f"page={page.write()}")
    for name, (reason, _) in EXCEPTIONS.items():
        print(f"exception_{name.replace('-', '_')}={excepted[name]}  # {reason}")
    print(f"other_formats={len(every) - len(files)}")
    print(f"shown_by_us_alone={counts['alone']}")
    by_two = sum(counts[name] for name in ("agree", *FINDINGS)) + excepted.total()
    print(
        f"files={len(files)} shown_by_two={by_two} agree={counts['agree']} "
        f"differ={counts['differ']} refused={counts['refused']} split={counts['split']} "
        f"exceptions={excepted.total()}"
    )
    sys.exit(1 if any(counts[name] for name in FINDINGS) else 0)


if __name__ == "__main__":
    main()
