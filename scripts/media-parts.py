"""The parts of the generated media that no tool writes: subtitles of images, odd layouts, and damage.

media-parts.py pgs OUT                        writes a PGS subtitle stream
media-parts.py rotate MP4                     gives the first track a matrix of 90 degrees
media-parts.py languages IN ABSENT GARBAGE    makes Matroska files with odd Language elements
media-parts.py layouts FOLDER                 makes the odd and the broken layouts, 39 to 57
"""

import struct
import sys

INFO, TRACKS, CLUSTER = b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b", b"\x1f\x43\xb6\x75"


def write(path, content):
    with open(path, "wb") as out:
        out.write(bytes(content))


def read(path):
    with open(path, "rb") as source:
        return source.read()


def pgs(out):
    width, height = 64, 16

    def segment(seconds, kind, body):
        return b"PG" + struct.pack(">IIBH", int(seconds * 90000), 0, kind, len(body)) + body

    def window():
        return struct.pack(">BBHHHH", 1, 0, 100, 900, width, height)

    def show(seconds, forced):
        lines = b"".join(bytes([0x00, 0x80 | width, 1]) + b"\x00\x00" for _ in range(height))
        composition = struct.pack(">HHBHBBBB", 1920, 1080, 0x10, 1, 0x80, 0, 0, 1)
        composition += struct.pack(">HBBHH", 0, 0, 0x40 if forced else 0, 100, 900)
        palette = bytes([0, 0, 0, 16, 128, 128, 0, 1, 235, 128, 128, 255])
        image = struct.pack(">HBB", 0, 0, 0xC0) + (len(lines) + 4).to_bytes(3, "big")
        image += struct.pack(">HH", width, height) + lines
        bodies = [(0x16, composition), (0x17, window()), (0x14, palette), (0x15, image), (0x80, b"")]
        return b"".join(segment(seconds, kind, body) for kind, body in bodies)

    def clear(seconds):
        composition = struct.pack(">HHBHBBBB", 1920, 1080, 0x10, 2, 0, 0, 0, 0)
        bodies = [(0x16, composition), (0x17, window()), (0x80, b"")]
        return b"".join(segment(seconds, kind, body) for kind, body in bodies)

    write(out, show(0.5, False) + clear(2) + show(2.5, True) + clear(3.5))


def rotate(path):
    content = bytearray(read(path))
    at = content.find(b"tkhd") + 4
    content[at + 40 : at + 76] = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 180 << 16, 0, 1 << 30)
    write(path, content)


def languages(source, absent, garbage):
    content = read(source)
    japanese = content.find(b"\x22\xb5\x9c\x83jpn")
    german = content.find(b"\x22\xb5\x9c\x83ger")

    voided = bytearray(content)
    voided[japanese : japanese + 7] = b"\xec\x85\0\0\0\0\0"
    write(absent, voided)

    spoiled = bytearray(content)
    spoiled[japanese : japanese + 7] = b"\x22\xb5\x9c\x83\0\0\0"
    spoiled[german + 4 : german + 7] = b"xx\xff"
    write(garbage, spoiled)


def elements(content, at, end):
    """Yields (id, start, start of data, size of data) of each EBML element; sizes are known."""

    def length(first):
        return 9 - first.bit_length()

    while at < end:
        start = at
        id_length = length(content[at])
        at += id_length
        size_length = length(content[at])
        size = int.from_bytes(content[at : at + size_length], "big") & ((1 << (7 * size_length)) - 1)
        at += size_length
        yield content[start : start + id_length], start, at, size
        at += size


def eight_bytes(size):
    return (size | 1 << 56).to_bytes(8, "big")


def matroska_layouts(folder):
    content = read(f"{folder}/01_multi_audio.mkv")
    segment = list(elements(content, 0, len(content)))[1]
    found = {}
    for element in elements(content, segment[2], segment[2] + segment[3]):
        found.setdefault(element[0], []).append(element)

    def whole(element):
        return content[element[1] : element[2] + element[3]]

    def void(size):
        return b"\xec" + eight_bytes(size) + bytes(size)

    def with_body(parts):
        body = b"".join(parts)
        return content[: segment[1]] + b"\x18\x53\x80\x67" + eight_bytes(len(body)) + body

    info, tracks = whole(found[INFO][0]), whole(found[TRACKS][0])
    clusters = [whole(cluster) for cluster in found[CLUSTER]]
    voids = with_body([void(3), void(70000), info, void(200000), tracks, void(9)] + clusters)
    write(f"{folder}/39_big_voids_no_seekhead.mkv", voids)
    write(f"{folder}/40_tracks_after_clusters.mkv", with_body([info] + clusters + [tracks]))

    lying = bytearray(content)
    lying[segment[2] + 17 : segment[2] + 19] = b"\x7f\xff"
    write(f"{folder}/41_seekhead_lies.mkv", lying)
    junk = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + b"garbage" * 31
    write(f"{folder}/42_junk_prefix.mkv", junk + content)

    write(f"{folder}/43_zero_length.mkv", b"")
    write(f"{folder}/44_zero_length.mp4", b"")
    write(f"{folder}/45_one_byte.mkv", b"\x1a")
    write(f"{folder}/46_truncated_60pct.mkv", content[: len(content) * 6 // 10])
    _, start, data, size = found[TRACKS][0]
    write(f"{folder}/47_truncated_in_tracks.mkv", content[: data + size // 2])
    write(f"{folder}/48_header_cut_512.mkv", content[512:])
    unknown = content[:start] + TRACKS + b"\x01" + b"\xff" * 7 + content[data:]
    write(f"{folder}/49_infinite_size_element.mkv", unknown)
    huge = content[:start] + TRACKS + b"\x01\x7f" + b"\xff" * 6 + content[data:]
    write(f"{folder}/50_huge_size_claim.mkv", huge)
    write(f"{folder}/56_mkv_named.mp4", content)


def mp4_layouts(folder):
    at_end = read(f"{folder}/26_moov_at_end.mp4")
    at_front = read(f"{folder}/27_faststart.mp4")
    write(f"{folder}/51_truncated_no_moov.mp4", at_end[: len(at_end) // 2])
    write(f"{folder}/52_truncated_faststart.mp4", at_front[: len(at_front) // 2])
    write(f"{folder}/53_truncated_in_moov.mp4", at_front[: at_front.find(b"moov") + 396])

    mdat = at_end.find(b"mdat") - 4
    size = int.from_bytes(at_end[mdat : mdat + 4], "big")
    large = at_end[:mdat] + b"\0\0\0\1mdat" + (size + 8).to_bytes(8, "big") + at_end[mdat + 8 :]
    write(f"{folder}/54_mdat_largesize64.mp4", large)

    bomb = bytearray(at_front)
    stsd = bomb.find(b"stsd")
    bomb[stsd + 8 : stsd + 12] = b"\xff\xff\xff\xff"
    write(f"{folder}/55_stsd_huge_count.mp4", bomb)
    write(f"{folder}/57_mp4_named.mkv", at_front)


def layouts(folder):
    matroska_layouts(folder)
    mp4_layouts(folder)


if __name__ == "__main__":
    {"pgs": pgs, "rotate": rotate, "languages": languages, "layouts": layouts}[sys.argv[1]](*sys.argv[2:])
