// Says which files must be read again: those whose size, modification time or contents differ.
//
//     sample #true
//
// Times are nanoseconds and plain numbers here, which are exact to 256 of them: a change within that is not seen.

export const manifest = {
  describe: () => ({
    name: "{{name}}",
    version: "0.1.0",
    summary: "A file has changed when its size or its modification time has",
    licence: "MIT OR Apache-2.0",
    options: [
      {
        name: "sample",
        parent: null,
        childrenOf: null,
        required: false,
        repeats: false,
        arguments: [
          {
            name: "wanted",
            kind: "boolean",
            choices: [],
            required: true,
            repeats: false,
            default: null,
            summary: "Yes or no.",
          },
        ],
        properties: [],
        summary: "Whether contents are compared when only the time differs.",
      },
    ],
  }),
  check: (options) => [],
};

export const detector = {
  // One standing for each sighting, in order.
  detect(options, scan, batch) {
    const samples = options.some((option) => option.name === "sample" && option.arguments[0].val);
    return batch.map((sighting) => standing(samples, scan.verifyHash, sighting));
  },
};

function standing(samples, verifies, { now, recorded, readerIsCurrent, sample, full }) {
  const changed = (why) => ({ tag: "changed", val: why });
  if (recorded === null) return { tag: "new" };
  if (!readerIsCurrent) return changed("read by another reader");
  if (now.size !== recorded.size) return changed("size differs");
  const sameTime = now.mtimeNs === recorded.mtimeNs;
  if (verifies) {
    if (full === null) return { tag: "undecided", val: "full" };
    if (isEqual(full)) return { tag: sameTime ? "same" : "touched" };
    // Whoever writes to a file moves its time; a failing disk does not.
    return sameTime ? { tag: "damaged" } : changed("contents differ");
  }
  if (sameTime) return { tag: "same" };
  if (sample !== null && isEqual(sample)) return { tag: "touched" };
  return samples && sample === null ? { tag: "undecided", val: "sample" } : changed("modification time differs");
}

function isEqual({ recorded, now }) {
  return recorded !== null && recorded.length === now.length && recorded.every((byte, at) => byte === now[at]);
}
