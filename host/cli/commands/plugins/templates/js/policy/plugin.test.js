// The policy as plain JavaScript; `make test` also asks the component about the cases in `cases/`.

import assert from "node:assert";
import test from "node:test";

import { manifest, policy } from "./plugin.js";

const unwanted = (...words) => [
  { name: "unwanted", parent: null, arguments: words.map((val) => ({ tag: "text", val })), properties: [] },
];
const film = (...titles) => ({ tracks: titles.map((title, id) => ({ id, title })) });

test("titles with unwanted words go, others stay", () => {
  const verdict = policy.evaluate(unwanted("RARBG"), {}, film("ripped by rarbg", "English", null));

  assert.deepEqual(verdict.steps.map((step) => step.action), [
    { tag: "set-track-title", val: { track: 0, title: null } },
  ]);
  assert.deepEqual(verdict.leftAlone.map((left) => left.track), [1]);
});

test("without options nothing is done", () => {
  assert.deepEqual(policy.evaluate([], {}, film("RARBG")).steps, []);
});

test("it says what it is", () => {
  assert.equal(manifest.describe().name, "{{name}}");
});
