"""The parser as plain Python; `make test` also reads the files in `cases/` with the component."""

import unittest

from componentize_py_types import Err
from plugin import parse
from wit_world.exports import introspector as contract


class Parsing(unittest.TestCase):
    def failure(self, beginning):
        with self.assertRaises(Err) as raised:
            parse(beginning)
        return type(raised.exception.value)

    def test_size_and_rate_are_read(self):
        video = parse(b"YUV4MPEG2 W640 H360 F25:1 Ip\nFRAME\n").tracks[0].details.value

        self.assertEqual((video.width, video.height, video.frame_rate.numerator), (640, 360, 25))

    def test_other_and_broken_files_are_told_apart(self):
        self.assertEqual(self.failure(b"RIFF"), contract.Failure_NotMine)
        self.assertEqual(self.failure(b"YUV4MPEG2 W640"), contract.Failure_Truncated)
        self.assertEqual(self.failure(b"YUV4MPEG2 W640 Hx\n"), contract.Failure_Malformed)


if __name__ == "__main__":
    unittest.main()
