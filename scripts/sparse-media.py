#!/usr/bin/env python3
"""Makes films of ten gigabytes that take up next to nothing: headers and indexes are real, pictures are holes.

    scripts/sparse-media.py GENERATED FOLDER

GENERATED is a folder that scripts/generate-media.sh made. Try `vpo inspect --verbose` on the outcome to see what reading costs.
"""

import os
import struct
import sys

GIGABYTES = 10 << 30
INFO, TRACKS, TAGS, CUES = b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b", b"\x12\x54\xc3\x67", b"\x1c\x53\xbb\x6b"
UNKNOWN_SIZE = b"\x01" + b"\xff" * 7


def read(path):
    with open(path, "rb") as source:
        return source.read()


def told(path):
    used = os.stat(path).st_blocks * 512
    print(f"{path}: {os.path.getsize(path)} bytes, {used} on disk")


# Matroska


def elements(content, at, end):
    """Yields (id, start, start of data, size of data) of each EBML element; sizes are known."""
    while at < end:
        start = at
        at += 9 - content[at].bit_length()
        name = content[start:at]
        length = 9 - content[at].bit_length()
        size = int.from_bytes(content[at : at + length], "big") & ((1 << (7 * length)) - 1)
        at += length
        yield name, start, at, size
        at += size


def sized(size):
    return (size | 1 << 56).to_bytes(8, "big")


def element(name, content):
    return name + sized(len(content)) + content


def matroska(template, path, has_seek_head, is_live):
    """A film of clusters of one mebibyte, with a table of cues behind them, or live: without sizes and without cues."""
    clusters, cluster_size, reserved = 10240, 1 << 20, 4096
    segment = list(elements(template, 0, len(template)))[1]
    parts = {name: template[start : data + size]
             for name, start, data, size in elements(template, segment[2], segment[2] + segment[3])}
    headers = parts[INFO] + parts[TRACKS]
    tags = parts.get(TAGS, b"")
    block = cluster_size - 64
    first = reserved + len(headers)

    def cluster(number):
        content = b"\xe7\x84" + (number * 700).to_bytes(4, "big") + b"\xa3" + sized(block)
        size = len(content) + block
        return b"\x1f\x43\xb6\x75" + (UNKNOWN_SIZE if is_live else sized(size)) + content + b"\x81\0\0\x80", 12 + size

    _, step = cluster(0)
    end = first + clusters * step
    cues = element(CUES, b"".join(
        element(b"\xbb", b"\xb3\x84" + (number * 700).to_bytes(4, "big")
                + element(b"\xb7", b"\xf7\x81\x01\xf1\x88" + (first + number * step).to_bytes(8, "big")))
        for number in range(clusters)))
    seek_head = b""
    if has_seek_head:
        places = [(INFO, reserved), (TRACKS, reserved + len(parts[INFO])), (CUES, end), (TAGS, end + len(cues))]
        seek_head = element(b"\x11\x4d\x9b\x74", b"".join(
            element(b"\x4d\xbb", b"\x53\xab\x84" + name + b"\x53\xac\x88" + place.to_bytes(8, "big"))
            for name, place in places))
    void = b"\xec" + sized(reserved - len(seek_head) - 9)
    with open(path, "wb") as out:
        size = UNKNOWN_SIZE if is_live else sized(end + len(cues) + len(tags))
        out.write(template[: segment[1]] + b"\x18\x53\x80\x67" + size)
        base = out.tell()
        out.write(seek_head + void)
        out.seek(base + reserved)
        out.write(headers)
        for number in range(clusters):
            out.seek(base + first + number * step)
            out.write(cluster(number)[0])
        if is_live:
            out.truncate(base + end)
        else:
            out.seek(base + end)
            out.write(cues + tags)
    told(path)


# MP4


def boxes(content, at, end):
    while at + 8 <= end:
        size = int.from_bytes(content[at : at + 4], "big")
        yield content[at + 4 : at + 8], at + 8, at + size
        at += size


def box(name, content):
    return struct.pack(">I", 8 + len(content)) + name + content


def table(name, content):
    return box(name, bytes(4) + content)


def sample_tables(description, samples, duration, is_video):
    """The tables of a film of two hours, of which only the first says something about the track."""
    chunks = samples // 8
    tables = description + table(b"stts", struct.pack(">III", 1, samples, duration))
    if is_video:
        offsets = b"".join(struct.pack(">II", 1, duration * (number % 3)) for number in range(samples))
        keys = b"".join(struct.pack(">I", 1 + 48 * number) for number in range(samples // 48))
        tables += table(b"ctts", struct.pack(">I", samples) + offsets)
        tables += table(b"stss", struct.pack(">I", samples // 48) + keys)
    sizes = b"".join(struct.pack(">I", 100 + number % 50) for number in range(samples))
    places = b"".join(struct.pack(">Q", 40 + number * (GIGABYTES // chunks)) for number in range(chunks))
    tables += table(b"stsc", struct.pack(">IIII", 1, 1, 8, 1))
    tables += table(b"stsz", struct.pack(">II", 0, samples) + sizes)
    return tables + table(b"co64", struct.pack(">I", chunks) + places)


def longer(content, start, end, track):
    """Copies boxes, with the durations of a film of two hours."""
    samples, ticks, timescale = [(172800, 1001, 24000), (337500, 1024, 48000)][track]
    out = b""
    for name, at, until in boxes(content, start, end):
        inner = content[at:until]
        if name in (b"mdia", b"minf"):
            inner = longer(content, at, until, track)
        elif name == b"mdhd":
            inner = inner[:12] + struct.pack(">II", timescale, samples * ticks) + inner[20:]
        elif name == b"stbl":
            [description] = [content[a - 8 : b] for kind, a, b in boxes(content, at, until) if kind == b"stsd"]
            inner = sample_tables(description, samples, ticks, track == 0)
        if name != b"edts":
            out += box(name, inner)
    return out


def mp4(template, path, headers_come_first):
    moov, tracks = b"", 0
    [(start, end)] = [(at, until) for name, at, until in boxes(template, 0, len(template)) if name == b"moov"]
    for name, at, until in boxes(template, start, end):
        inner = template[at:until]
        if name == b"mvhd":
            inner = inner[:12] + struct.pack(">II", 1000, 7207200) + inner[20:]
        elif name == b"trak":
            inner = longer(template, at, until, tracks)
            tracks += 1
        moov += box(name, inner)
    moov = box(b"moov", moov)
    ftyp = template[: int.from_bytes(template[:4], "big")]
    with open(path, "wb") as out:
        out.write(ftyp + (moov if headers_come_first else b""))
        out.write(struct.pack(">I", 1) + b"mdat" + struct.pack(">Q", 16 + GIGABYTES))
        end = out.tell() + GIGABYTES
        out.truncate(end)
        if not headers_come_first:
            out.seek(end)
            out.write(moov)
    told(path)


# AVI and transport streams


def avi(template, path):
    """An OpenDML film: the first RIFF chunk as it was, then chunks of one gigabyte."""
    with open(path, "wb") as out:
        out.write(template)
        for _ in range(10):
            at = out.tell()
            size = 1 << 30
            out.write(b"RIFF" + struct.pack("<I", size) + b"AVIXLIST" + struct.pack("<I", size - 12) + b"movi")
            out.truncate(at + 8 + size)
            out.seek(at + 8 + size)
    told(path)


def mpegts(template, path):
    with open(path, "wb") as out:
        out.write(template)
        out.seek(GIGABYTES // 188 * 188)
        out.write(template)
    told(path)


def main(generated, folder):
    os.makedirs(folder, exist_ok=True)
    film = read(f"{generated}/01_multi_audio.mkv")
    matroska(film, f"{folder}/index.mkv", has_seek_head=True, is_live=False)
    matroska(film, f"{folder}/no-index.mkv", has_seek_head=False, is_live=False)
    matroska(film, f"{folder}/live.mkv", has_seek_head=False, is_live=True)
    film = read(f"{generated}/26_moov_at_end.mp4")
    mp4(film, f"{folder}/headers-last.mp4", headers_come_first=False)
    mp4(film, f"{folder}/headers-first.mp4", headers_come_first=True)
    avi(read(f"{generated}/58_xvid_2audio.avi"), f"{folder}/several-riffs.avi")
    mpegts(read(f"{generated}/59_multi.ts"), f"{folder}/film.ts")


if __name__ == "__main__":
    main(*sys.argv[1:])
