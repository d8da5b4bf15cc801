// Takes titles away that have unwanted words in them.
//
//     unwanted "RARBG" "YTS" ignore-case=#true

export const manifest = {
  describe: () => ({
    name: "{{name}}",
    version: "0.1.0",
    summary: "Takes titles away that have unwanted words in them",
    licence: "MIT OR Apache-2.0",
    options: [
      {
        name: "unwanted",
        parent: null,
        childrenOf: null,
        required: false,
        repeats: false,
        arguments: [value("words", "text", { required: true, repeats: true, summary: "Words that no title may have." })],
        properties: [
          value("ignore-case", "boolean", {
            default: { tag: "boolean", val: true },
            summary: "Whether `rarbg` is the same word.",
          }),
        ],
        summary: "Titles of tracks with one of these words go.",
      },
    ],
  }),

  // What is wrong with options beyond their names, types and counts, which vpo has checked already.
  check: (options) => [],
};

export const policy = {
  // Says what would bring a file in line. To refuse a file: throw { tag: "refused", val: "why" }.
  evaluate(options, context, facts) {
    const verdict = { steps: [], leftAlone: [], warnings: [], stop: null, extra: [] };
    const unwanted = readUnwanted(options);
    if (!unwanted) return verdict;
    for (const track of facts.tracks) {
      if (track.title === null) continue;
      const word = unwanted.words.find((word) => has(track.title, word, unwanted.ignoreCase));
      const reason = {
        text: word === undefined ? "The title has no unwanted word in it." : `The title has "${word}" in it.`,
        node: unwanted.node,
        inputs: [{ name: "title", value: { tag: "text", val: track.title } }],
      };
      if (word === undefined) {
        verdict.leftAlone.push({ track: track.id, reason });
      } else {
        verdict.steps.push({ action: { tag: "set-track-title", val: { track: track.id, title: null } }, reason });
      }
    }
    return verdict;
  },
};

// The option as an object. vpo has checked it against `describe` and filled in what was not written.
function readUnwanted(options) {
  const node = options.findIndex((option) => option.name === "unwanted");
  if (node < 0) return null;
  const ignoreCase = options[node].properties.find((property) => property.name === "ignore-case");
  return { node, words: options[node].arguments.map((word) => word.val), ignoreCase: ignoreCase?.value.val ?? true };
}

// Only A to Z are folded, so that the answer is the same in every language a plugin can be written in.
function has(title, word, ignoreCase) {
  const folded = (text) => (ignoreCase ? text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : text);
  return folded(title).includes(folded(word));
}

function value(name, kind, given) {
  return { name, kind, choices: [], required: false, repeats: false, default: null, summary: "", ...given };
}
