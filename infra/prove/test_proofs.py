"""Proofs: what a person reads of a counterexample, and that every theorem can fail."""

import pathlib
import re
import unittest

import smt
from edits import on, user
from expected import RECORD_KEYS, SHARED, USERS_HALF, WORKERS_HALF
from explain import explain
from fixture import changed, project
from mistakes import narrowed, seed, widened
from proofs import SETTINGS, Prover, Result
from refusal import Undecided


ATTRIBUTES = pathlib.Path(__file__).parents[2] / "common" / "src" / "attribute.rs"


def family(name):
    return name.split("/")[0]


class Proofs(unittest.TestCase):
    def test_the_table_s_attributes_are_those_of_records(self):
        listed = re.search(r"pub enum Attribute \{(.*?)\n\}", ATTRIBUTES.read_text(encoding="utf-8"), re.DOTALL)[1]
        names = re.findall(r"^    (\w)(\w+),$", listed, re.MULTILINE)
        self.assertEqual(
            [first.lower() + rest for first, rest in names],
            sorted([*RECORD_KEYS, *USERS_HALF, *SHARED, *WORKERS_HALF], key=[f.lower() + r for f, r in names].index),
        )

    def test_every_kind_of_theorem_is_named_by_a_mistake(self):
        theorems = {family(name) for name in Prover(project()).names()} | {setting.name for setting in SETTINGS}
        self.assertEqual(theorems, {family(theorem) for _, theorem, _ in widened()})

    def test_there_are_enough_mistakes_and_each_has_a_name_of_its_own(self):
        names = [name for name, _, _ in widened()]
        self.assertGreaterEqual(len(names), 60)
        self.assertEqual(len(names), len(set(names)))
        self.assertGreater(len(list(narrowed(project()))), 50)

    def test_every_theorem_has_a_control(self):
        for _, _, pinned in Prover(project()).variants:
            for theorem in pinned.values():
                self.assertTrue(theorem.controls, theorem.name)

    def test_the_template_breaks_nothing_and_a_mistake_breaks_the_theorem_that_names_it(self):
        self.assertIsNone(Prover(project()).breaks("own-records"))
        found, _ = seed(project(), "own-records", lambda t: on(t, "ReadOwnRecords").pop("Null"))
        self.assertTrue(found)

    def test_a_mistake_that_changes_nothing_is_an_error(self):
        with self.assertRaises(ValueError):
            seed(project(), "own-records", lambda t: None)

    def test_a_counterexample_says_who_asks_what_of_which_resource_and_how_to_try_it(self):
        def edit(template):
            user(template, "OwnThumbnails")["Resource"] = {"Fn::Sub": "${Bucket.Arn}/thumbnails/${Stage}/*"}

        found, prover = seed(project(), "another-identity-s-objects", edit)
        said = "\n".join(explain(prover.finder, *found))
        self.assertIn("who      AuthenticatedRole, signed in as eu-west-1:aaaaaaaa", said)
        self.assertIn("asks     s3:GetObject", said)
        self.assertRegex(said, r"of       arn:aws:s3:::hikidashi-dev-\S+/thumbnails/dev/eu-west-1:bbbbbbbb\S+/\S*")
        self.assertIn("let by   AuthenticatedRole/own-objects-and-records/OwnThumbnails", said)
        self.assertIn("try      aws s3api get-object --bucket hikidashi-dev-123456789012-eu-west-1 --key", said)
        self.assertNotIn("dynamodb:", said)

    def test_a_solver_without_an_answer_proves_nothing(self):
        prover = Prover(project())

        class Silent(smt.Solver):
            def ask(self, text, seconds, values):
                return None, {}

        prover.solver = Silent()
        self.assertEqual(prover.prove("own-objects").outcome, "UNDECIDED")
        self.assertNotEqual(Result("", "").outcome, "UNDECIDED")

    def test_a_formula_that_the_solver_does_not_understand_is_no_proof(self):
        with self.assertRaises((Undecided, RuntimeError)):
            smt.Solver().satisfiable(["(no.such.function |x|)"], 1)

    def test_a_theorem_whose_control_is_impossible_is_vacuous(self):
        document = changed(lambda t: user(t, "OwnThumbnails").update(Effect="Deny"))
        self.assertEqual(Prover(document).prove("own-objects").outcome, "VACUOUS")


if __name__ == "__main__":
    unittest.main()
