// The detector as plain JavaScript; `make test` also asks the component about the cases in `cases/`.

import assert from "node:assert";
import test from "node:test";

import { detector } from "./plugin.js";

const sampling = [{ name: "sample", parent: null, arguments: [{ tag: "boolean", val: true }], properties: [] }];
const seen = (mtimeNs) => ({ size: 700, mtimeNs, ctimeNs: 0, inode: 1, links: 1 });
const hashes = (byte) => (byte === null ? null : { recorded: [1], now: [byte] });
const detect = (options, verifyHash, mtimeNs, sample = null, full = null) =>
  detector.detect(options, { verifyHash }, [
    { now: seen(mtimeNs), recorded: seen(0), readerIsCurrent: true, sample: hashes(sample), full: hashes(full) },
  ])[0].tag;

test("a file with another time has changed", () => {
  assert.equal(detect([], false, 0), "same");
  assert.equal(detect([], false, 5), "changed");
});

test("with samples the contents decide", () => {
  assert.equal(detect(sampling, false, 5), "undecided");
  assert.equal(detect(sampling, false, 5, 1), "touched");
  assert.equal(detect(sampling, false, 5, 2), "changed");
});

test("other bytes under the same time are damage", () => {
  assert.equal(detect([], true, 0), "undecided");
  assert.equal(detect([], true, 0, null, 1), "same");
  assert.equal(detect([], true, 0, null, 2), "damaged");
});
