// Reads YUV4MPEG2: raw video behind one line of text, such as `YUV4MPEG2 W640 H360 F24000:1001`.

const MAGIC = "YUV4MPEG2 ";

// Longer first lines are not to be believed.
const LINE_MAX = 512;

export const manifest = {
  describe: () => ({
    name: "{{name}}",
    version: "0.1.0",
    summary: "Reads YUV4MPEG2",
    licence: "MIT OR Apache-2.0",
    options: [],
  }),
  check: (options) => [],
};

export const introspector = {
  claim: () => ({
    extensions: ["y4m"],
    magic: [{ offset: 0, bytes: Uint8Array.from(MAGIC, (letter) => letter.charCodeAt(0)) }],
    tools: [],
  }),

  // `media` is the one open file: media.size(), media.readAt(offset, length). What cannot be read is thrown.
  read(options, media) {
    let beginning;
    try {
      beginning = media.readAt(0, LINE_MAX);
    } catch {
      throw { tag: "unreadable", val: "its beginning cannot be read" };
    }
    return parse(beginning);
  },
};

// Parses the beginning of a file.
export function parse(bytes) {
  const beginning = String.fromCharCode(...bytes);
  if (!beginning.startsWith(MAGIC)) throw { tag: "not-mine" };
  const end = beginning.indexOf("\n");
  if (end < 0) throw { tag: "truncated", val: "the first line has no end" };
  const words = beginning.slice(MAGIC.length, end).split(" ");
  const value = (letter) => words.find((word) => word.startsWith(letter))?.slice(1) ?? "";
  const [width, height] = [number(value("W")), number(value("H"))];
  if (!width || !height) throw { tag: "malformed", val: "the first line has no width or no height" };
  const [numerator, denominator] = value("F").split(":").map(number);
  return facts(width, height, numerator && denominator ? { numerator, denominator } : null);
}

function number(text) {
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : null;
}

function facts(width, height, frameRate) {
  const colour = {
    primaries: null,
    transfer: null,
    matrix: null,
    range: null,
    mastering: null,
    maxContentLight: null,
    maxFrameLight: null,
  };
  const video = {
    width,
    height,
    displayWidth: width,
    displayHeight: height,
    rotation: 0,
    frameRate,
    interlaced: null,
    bitDepth: null,
    colour,
    dynamicRange: { tag: "sdr" },
  };
  const flags = {
    default: true,
    forced: false,
    enabled: true,
    original: false,
    commentary: false,
    hearingImpaired: false,
    visualImpaired: false,
    textDescriptions: false,
  };
  const track = {
    id: 0,
    number: 1,
    addresses: { mkvmerge: null, mkvpropedit: null, ffmpeg: 0 },
    details: { tag: "video", val: video },
    codec: "rawvideo",
    codecId: "YUV4MPEG2",
    profile: null,
    level: null,
    language: { tag: "und", original: null },
    title: null,
    flags,
    durationNs: null,
    bitRate: null,
    extra: [],
  };
  return {
    container: "yuv4mpeg2",
    brand: null,
    title: null,
    durationNs: null,
    muxingApplication: null,
    writingApplication: null,
    tracks: [track],
    chapters: [],
    attachments: [],
    tags: [],
    partial: null,
    warnings: [],
    extra: [],
  };
}
