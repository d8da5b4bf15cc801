"""The detector as plain Python; `make test` also asks the component about the cases in `cases/`."""

import unittest

from plugin import standing
from wit_world.exports import detector as contract


def seen(mtime_ns):
    return contract.Observation(size=700, mtime_ns=mtime_ns, ctime_ns=0, inode=1, links=1)


def hashes(byte):
    return None if byte is None else contract.Comparison(recorded=b"\1", now=bytes([byte]))


def detect(mtime_ns, samples=False, verifies=False, sample=None, full=None):
    sighting = contract.Sighting(
        file=1, now=seen(mtime_ns), recorded=seen(0), recorded_at_ns=0, reader_is_current=True,
        sample=hashes(sample), full=hashes(full),
    )
    return type(standing(samples, verifies, sighting))


class Standings(unittest.TestCase):
    def test_a_file_with_another_time_has_changed(self):
        self.assertEqual(detect(0), contract.Standing_Same)
        self.assertEqual(detect(5), contract.Standing_Changed)

    def test_with_samples_the_contents_decide(self):
        self.assertEqual(detect(5, samples=True), contract.Standing_Undecided)
        self.assertEqual(detect(5, samples=True, sample=1), contract.Standing_Touched)
        self.assertEqual(detect(5, samples=True, sample=2), contract.Standing_Changed)

    def test_other_bytes_under_the_same_time_are_damage(self):
        self.assertEqual(detect(0, verifies=True), contract.Standing_Undecided)
        self.assertEqual(detect(0, verifies=True, full=1), contract.Standing_Same)
        self.assertEqual(detect(0, verifies=True, full=2), contract.Standing_Damaged)


if __name__ == "__main__":
    unittest.main()
