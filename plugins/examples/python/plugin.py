"""Takes titles away that have unwanted words in them.

    unwanted "RARBG" "YTS" ignore-case=#true
"""

from wit_world import exports
from wit_world.exports import policy as contract
from wit_world.imports.about import Description, OptionSpec, ValueKind, ValueSpec
from wit_world.imports.types import Entry, Value_Boolean, Value_Text


class Manifest(exports.Manifest):
    def describe(self):
        return Description(
            name="no-adverts",
            version="0.1.0",
            summary="Takes titles away that have unwanted words in them",
            licence="MIT OR Apache-2.0",
            options=[
                OptionSpec(
                    name="unwanted",
                    parent=None,
                    children_of=None,
                    required=False,
                    repeats=False,
                    arguments=[
                        value("words", ValueKind.TEXT, required=True, repeats=True,
                              summary="Words that no title may have."),
                    ],
                    properties=[
                        value("ignore-case", ValueKind.BOOLEAN, default=Value_Boolean(True),
                              summary="Whether `rarbg` is the same word."),
                    ],
                    summary="Titles of tracks with one of these words go.",
                ),
            ],
        )

    def check(self, options):
        """What is wrong with options beyond their names, types and counts, which vpo has checked already."""
        return []


class Policy(exports.Policy):
    def evaluate(self, options, context, facts):
        """Says what would bring a file in line. To refuse a file: raise Err(contract.Failure_Refused("why"))."""
        verdict = contract.Verdict(steps=[], left_alone=[], warnings=[], stop=None, extra=[])
        unwanted = next((node for node, option in enumerate(options) if option.name == "unwanted"), None)
        if unwanted is None:
            return verdict
        words = [word.value for word in options[unwanted].arguments]
        # vpo has checked the options against `describe` and filled in what was not written.
        written = {entry.name: entry.value.value for entry in options[unwanted].properties}
        ignore_case = written.get("ignore-case", True)
        for track in facts.tracks:
            if track.title is None:
                continue
            word = next((word for word in words if has(track.title, word, ignore_case)), None)
            text = "The title has no unwanted word in it." if word is None else f'The title has "{word}" in it.'
            reason = contract.Reason(text=text, node=unwanted, inputs=[Entry("title", Value_Text(track.title))])
            if word is None:
                verdict.left_alone.append(contract.LeftAlone(track=track.id, reason=reason))
            else:
                action = contract.Action_SetTrackTitle(contract.SetTrackTitle(track=track.id, title=None))
                verdict.steps.append(contract.Step(action=action, reason=reason))
        return verdict


def has(title, word, ignore_case):
    return folded(word) in folded(title) if ignore_case else word in title


def folded(text):
    """Only A to Z are folded, so that the answer is the same in every language a plugin can be written in."""
    return "".join(letter.lower() if "A" <= letter <= "Z" else letter for letter in text)


def value(name, kind, required=False, repeats=False, default=None, summary=""):
    return ValueSpec(name=name, kind=kind, choices=[], required=required, repeats=repeats, default=default,
                     summary=summary)
