"""The policy as plain Python; `make test` also asks the component about the cases in `cases/`."""

import unittest
from types import SimpleNamespace as Thing

from plugin import Manifest, Policy
from wit_world.imports.types import Node, Value_Text


def film(*titles):
    return Thing(tracks=[Thing(id=at, title=title) for at, title in enumerate(titles)])


class Titles(unittest.TestCase):
    def test_titles_with_unwanted_words_go_and_others_stay(self):
        options = [Node(name="unwanted", parent=None, arguments=[Value_Text("RARBG")], properties=[])]

        verdict = Policy().evaluate(options, None, film("ripped by rarbg", "English", None))

        self.assertEqual([step.action.value.track for step in verdict.steps], [0])
        self.assertEqual([left.track for left in verdict.left_alone], [1])

    def test_without_options_nothing_is_done(self):
        self.assertEqual(Policy().evaluate([], None, film("RARBG")).steps, [])

    def test_it_says_what_it_is(self):
        self.assertEqual(Manifest().describe().name, "{{name}}")


if __name__ == "__main__":
    unittest.main()
