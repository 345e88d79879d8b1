"""Proves what SECURITY.md claims of the template's policies, for every request there can be.

Usage: main.py proofs [--template PATH] [--only NAME] [--proofs]
       main.py mistakes [--only NAME] [--show]
       main.py requests --emulator PATH
       main.py all --emulator PATH [--proofs]
"""

import argparse
import sys
import time

from explain import explain
from loading import read
from proofs import Prover
from refusal import Refusal


def proofs(document, only="", checks_proofs=False):
    """Proves, prints, and returns (theorems, proved, controls, and whether one is undecided)."""
    prover = Prover(document, checks_proofs)
    theorems = proved = controls = undecided = 0
    started = time.monotonic()
    for result in prover.prove_all(only):
        theorems += 1
        proved += result.outcome == "proved"
        undecided += result.outcome == "UNDECIDED"
        controls += result.controls
        print(f"{result.outcome:9} {result.name}: {result.says}", flush=True)
        if result.outcome == "proved":
            continue
        if result.found:
            for line in explain(prover.finder, *result.found):
                print(f"            {line}")
        for note in result.notes:
            print(f"            {note}")
    checked = ", each proof checked by cvc5" if checks_proofs else ""
    print(f"cases={prover.solver.asked} seconds={time.monotonic() - started:.0f}{checked}")
    return theorems, proved, controls, undecided


def run(options):
    document = read(options.template)
    if options.what == "mistakes":
        from mistakes import seed_all

        mistakes, noticed = seed_all(document, options.only, options.show)
        print(f"mistakes={mistakes} noticed={noticed}")
        return int(mistakes != noticed or not mistakes)
    if options.what == "requests":
        from second_engine import compare

        requests, disagreements = compare(document, options.emulator)
        print(f"requests={requests} disagreements={disagreements}")
        return int(bool(disagreements))
    theorems, proved, controls, undecided = proofs(document, options.only, options.proofs)
    line = f"theorems={theorems} proved={proved} controls={controls}"
    failed = proved != theorems or not theorems
    if options.what == "all" and not failed:
        from mistakes import seed_all
        from second_engine import compare

        mistakes, noticed = seed_all(document)
        requests, disagreements = compare(document, options.emulator)
        line += f" mistakes={mistakes} noticed={noticed} requests={requests} disagreements={disagreements}"
        failed = mistakes != noticed or bool(disagreements)
    print(line)
    if undecided and theorems == proved + undecided:
        print("undecided: the solver had no answer in time, so this is no proof", file=sys.stderr)
        return 8
    return int(failed)


def main():
    parser = argparse.ArgumentParser(description="Proves the isolation between users.")
    parser.add_argument("what", choices=["proofs", "mistakes", "requests", "all"])
    parser.add_argument("--template", default="infra/template.yaml")
    parser.add_argument("--only", default="", help="a part of a theorem's or a mistake's name")
    parser.add_argument("--proofs", action="store_true", help="let cvc5 check its own proofs")
    parser.add_argument("--show", action="store_true", help="show the request that each mistake opens")
    parser.add_argument("--emulator", help="the emulator's binary")
    try:
        code = run(parser.parse_args())
    except Refusal as refusal:
        print(f"refused: {refusal.what}: {refusal}. Nothing is proved.", file=sys.stderr)
        code = refusal.code
    sys.exit(code)


if __name__ == "__main__":
    main()
