"""Says which files must be read again: those whose size, modification time or contents differ.

    sample #true
"""

from wit_world import exports
from wit_world.exports import detector as contract
from wit_world.imports.about import Description, OptionSpec, ValueKind, ValueSpec


class Manifest(exports.Manifest):
    def describe(self):
        wanted = ValueSpec(
            name="wanted", kind=ValueKind.BOOLEAN, choices=[], required=True, repeats=False, default=None,
            summary="Yes or no.",
        )
        sample = OptionSpec(
            name="sample", parent=None, children_of=None, required=False, repeats=False, arguments=[wanted],
            properties=[], summary="Whether contents are compared when only the time differs.",
        )
        return Description(
            name="{{name}}", version="0.1.0",
            summary="A file has changed when its size or its modification time has",
            licence="MIT OR Apache-2.0", options=[sample],
        )

    def check(self, options):
        return []


class Detector(exports.Detector):
    def detect(self, options, scan, batch):
        """One standing for each sighting, in order."""
        samples = any(option.name == "sample" and option.arguments[0].value for option in options)
        return [standing(samples, scan.verify_hash, sighting) for sighting in batch]


def standing(samples, verifies, sighting):
    now, recorded = sighting.now, sighting.recorded
    if recorded is None:
        return contract.Standing_New()
    if not sighting.reader_is_current:
        return contract.Standing_Changed("read by another reader")
    if now.size != recorded.size:
        return contract.Standing_Changed("size differs")
    same_time = now.mtime_ns == recorded.mtime_ns
    if verifies:
        if sighting.full is None:
            return contract.Standing_Undecided(contract.Evidence.FULL)
        if is_equal(sighting.full):
            return contract.Standing_Same() if same_time else contract.Standing_Touched()
        # Whoever writes to a file moves its time; a failing disk does not.
        return contract.Standing_Damaged() if same_time else contract.Standing_Changed("contents differ")
    if same_time:
        return contract.Standing_Same()
    if sighting.sample is None and samples:
        return contract.Standing_Undecided(contract.Evidence.SAMPLE)
    if sighting.sample is not None and is_equal(sighting.sample):
        return contract.Standing_Touched()
    return contract.Standing_Changed("modification time differs")


def is_equal(comparison):
    return comparison.recorded is not None and comparison.recorded == comparison.now
