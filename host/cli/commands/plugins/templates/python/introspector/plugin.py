"""Reads YUV4MPEG2: raw video behind one line of text, such as `YUV4MPEG2 W640 H360 F24000:1001`."""

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import introspector as contract
from wit_world.imports import facts as found
from wit_world.imports.about import Description

MAGIC = b"YUV4MPEG2 "

# Longer first lines are not to be believed.
LINE_MAX = 512


class Manifest(exports.Manifest):
    def describe(self):
        return Description(
            name="{{name}}", version="0.1.0", summary="Reads YUV4MPEG2", licence="MIT OR Apache-2.0", options=[]
        )

    def check(self, options):
        return []


class Introspector(exports.Introspector):
    def claim(self):
        return contract.Claims(extensions=["y4m"], magic=[contract.Magic(offset=0, bytes=MAGIC)], tools=[])

    def read(self, options, media):
        """`media` is the one open file: media.size(), media.read_at(offset, length). What cannot be read is raised."""
        try:
            beginning = media.read_at(0, LINE_MAX)
        except Err:
            raise Err(contract.Failure_Unreadable("its beginning cannot be read"))
        return parse(beginning)


def parse(beginning):
    """Parses the beginning of a file."""
    if not beginning.startswith(MAGIC):
        raise Err(contract.Failure_NotMine())
    line, end, _ = beginning[len(MAGIC):].partition(b"\n")
    if not end:
        raise Err(contract.Failure_Truncated("the first line has no end"))
    words = {word[:1]: word[1:] for word in line.decode("latin-1").split(" ")}
    width, height = number(words.get("W")), number(words.get("H"))
    if width is None or height is None:
        raise Err(contract.Failure_Malformed("the first line has no width or no height"))
    numerator, _, denominator = words.get("F", "").partition(":")
    numerator, denominator = number(numerator), number(denominator)
    rate = found.Ratio(numerator, denominator) if numerator and denominator else None
    return facts(width, height, rate)


def number(text):
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def facts(width, height, frame_rate):
    colour = found.Colour(
        primaries=None, transfer=None, matrix=None, range=None, mastering=None, max_content_light=None,
        max_frame_light=None,
    )
    video = found.Video(
        width=width, height=height, display_width=width, display_height=height, rotation=0, frame_rate=frame_rate,
        interlaced=None, bit_depth=None, colour=colour, dynamic_range=found.DynamicRange_Sdr(),
    )
    track = found.Track(
        id=0, number=1, addresses=found.Addresses(mkvmerge=None, mkvpropedit=None, ffmpeg=0),
        details=found.TrackDetails_Video(video), codec="rawvideo", codec_id="YUV4MPEG2", profile=None, level=None,
        language=found.Language(tag="und", original=None), title=None,
        flags=found.TrackFlags(
            default=True, forced=False, enabled=True, original=False, commentary=False, hearing_impaired=False,
            visual_impaired=False, text_descriptions=False,
        ),
        duration_ns=None, bit_rate=None, extra=[],
    )
    return found.Facts(
        container="yuv4mpeg2", brand=None, title=None, duration_ns=None, muxing_application=None,
        writing_application=None, tracks=[track], chapters=[], attachments=[], tags=[], partial=None, warnings=[],
        extra=[],
    )
