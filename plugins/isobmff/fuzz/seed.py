# seed.py FILE: writes FILE to standard output with little of its media data, so that all headers come in reach of a fuzzer.
import sys

MOST = 2048

data = open(sys.argv[1], "rb").read()
at = 0
while at + 8 <= len(data):
    size, header = int.from_bytes(data[at : at + 4], "big"), 8
    if size == 1:
        size, header = int.from_bytes(data[at + 8 : at + 16], "big"), 16
    size = min(size or len(data) - at, len(data) - at)
    if size < header:
        break
    kind, content = data[at + 4 : at + 8], data[at + header : at + size]
    if kind in (b"mdat", b"free"):
        content = content[:MOST]
    sys.stdout.buffer.write((len(content) + 8).to_bytes(4, "big") + kind + content)
    at += size
