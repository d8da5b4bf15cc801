// The parser as plain JavaScript; `make test` also reads the files in `cases/` with the component.

import assert from "node:assert";
import test from "node:test";

import { introspector, parse } from "./plugin.js";

const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const failure = (text) => {
  try {
    parse(bytes(text));
  } catch (thrown) {
    return thrown.tag;
  }
};

test("size and rate are read", () => {
  const video = parse(bytes("YUV4MPEG2 W640 H360 F25:1 Ip\nFRAME\n")).tracks[0].details.val;

  assert.deepEqual([video.width, video.height, video.frameRate], [640, 360, { numerator: 25, denominator: 1 }]);
});

test("other and broken files are told apart", () => {
  assert.equal(failure("RIFF"), "not-mine");
  assert.equal(failure("YUV4MPEG2 W640"), "truncated");
  assert.equal(failure("YUV4MPEG2 W640 Hx\n"), "malformed");
});

test("a file that cannot be read is no crash", () => {
  const media = { readAt: () => { throw { tag: "budget-spent" }; } };

  assert.throws(() => introspector.read([], media), { tag: "unreadable" });
});
