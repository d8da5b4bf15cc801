//! Element ids of EBML (RFC 8794) and Matroska (RFC 9559), as far as facts need them.

macro_rules! ids {
    ($($name:ident = $id:literal;)*) => {$(pub const $name: u32 = $id;)*};
}

ids! {
    EBML = 0x1A45_DFA3;
    EBML_READ_VERSION = 0x42F7;
    DOC_TYPE = 0x4282;
    VOID = 0xEC;
    CRC_32 = 0xBF;

    SEGMENT = 0x1853_8067;
    SEEK_HEAD = 0x114D_9B74;
    INFO = 0x1549_A966;
    CLUSTER = 0x1F43_B675;
    TRACKS = 0x1654_AE6B;
    CUES = 0x1C53_BB6B;
    ATTACHMENTS = 0x1941_A469;
    CHAPTERS = 0x1043_A770;
    TAGS = 0x1254_C367;

    SEEK = 0x4DBB;
    SEEK_ID = 0x53AB;
    SEEK_POSITION = 0x53AC;

    TIMESTAMP_SCALE = 0x2A_D7B1;
    DURATION = 0x4489;
    DATE_UTC = 0x4461;
    TITLE = 0x7BA9;
    SEGMENT_UID = 0x73A4;
    PREVIOUS_UID = 0x3C_B923;
    NEXT_UID = 0x3E_B923;
    MUXING_APP = 0x4D80;
    WRITING_APP = 0x5741;

    TIMESTAMP = 0xE7;
    SILENT_TRACKS = 0x5854;
    POSITION = 0xA7;
    PREV_SIZE = 0xAB;
    SIMPLE_BLOCK = 0xA3;
    BLOCK_GROUP = 0xA0;
    BLOCK = 0xA1;
    ENCRYPTED_BLOCK = 0xAF;
    BLOCK_DURATION = 0x9B;
    REFERENCE_PRIORITY = 0xFA;
    REFERENCE_BLOCK = 0xFB;
    BLOCK_VIRTUAL = 0xA2;
    CODEC_STATE = 0xA4;
    SLICES = 0x8E;
    BLOCK_ADDITIONS = 0x75A1;
    DISCARD_PADDING = 0x75A2;

    TRACK_ENTRY = 0xAE;
    TRACK_NUMBER = 0xD7;
    TRACK_UID = 0x73C5;
    TRACK_TYPE = 0x83;
    FLAG_ENABLED = 0xB9;
    FLAG_DEFAULT = 0x88;
    FLAG_FORCED = 0x55AA;
    FLAG_HEARING_IMPAIRED = 0x55AB;
    FLAG_VISUAL_IMPAIRED = 0x55AC;
    FLAG_TEXT_DESCRIPTIONS = 0x55AD;
    FLAG_ORIGINAL = 0x55AE;
    FLAG_COMMENTARY = 0x55AF;
    DEFAULT_DURATION = 0x23_E383;
    NAME = 0x536E;
    LANGUAGE = 0x22_B59C;
    LANGUAGE_BCP47 = 0x22_B59D;
    CODEC_ID = 0x86;
    CODEC_PRIVATE = 0x63A2;
    BLOCK_ADDITION_MAPPING = 0x41E4;
    BLOCK_ADD_ID_TYPE = 0x41E7;
    BLOCK_ADD_ID_EXTRA_DATA = 0x41ED;

    VIDEO = 0xE0;
    FLAG_INTERLACED = 0x9A;
    STEREO_MODE = 0x53B8;
    ALPHA_MODE = 0x53C0;
    PIXEL_WIDTH = 0xB0;
    PIXEL_HEIGHT = 0xBA;
    PIXEL_CROP_BOTTOM = 0x54AA;
    PIXEL_CROP_TOP = 0x54BB;
    PIXEL_CROP_LEFT = 0x54CC;
    PIXEL_CROP_RIGHT = 0x54DD;
    DISPLAY_WIDTH = 0x54B0;
    DISPLAY_HEIGHT = 0x54BA;
    DISPLAY_UNIT = 0x54B2;
    FRAME_RATE = 0x23_83E3;
    UNCOMPRESSED_FOUR_CC = 0x2E_B524;
    COLOUR = 0x55B0;
    MATRIX_COEFFICIENTS = 0x55B1;
    BITS_PER_CHANNEL = 0x55B2;
    RANGE = 0x55B9;
    TRANSFER_CHARACTERISTICS = 0x55BA;
    PRIMARIES = 0x55BB;
    MAX_CLL = 0x55BC;
    MAX_FALL = 0x55BD;
    MASTERING_METADATA = 0x55D0;
    PRIMARY_R_X = 0x55D1;
    PRIMARY_R_Y = 0x55D2;
    PRIMARY_G_X = 0x55D3;
    PRIMARY_G_Y = 0x55D4;
    PRIMARY_B_X = 0x55D5;
    PRIMARY_B_Y = 0x55D6;
    WHITE_POINT_X = 0x55D7;
    WHITE_POINT_Y = 0x55D8;
    LUMINANCE_MAX = 0x55D9;
    LUMINANCE_MIN = 0x55DA;
    PROJECTION = 0x7670;
    PROJECTION_TYPE = 0x7671;
    PROJECTION_POSE_ROLL = 0x7675;

    AUDIO = 0xE1;
    SAMPLING_FREQUENCY = 0xB5;
    OUTPUT_SAMPLING_FREQUENCY = 0x78B5;
    CHANNELS = 0x9F;
    BIT_DEPTH = 0x6264;

    CONTENT_ENCODINGS = 0x6D80;
    CONTENT_ENCODING = 0x6240;
    CONTENT_ENCODING_ORDER = 0x5031;
    CONTENT_ENCODING_SCOPE = 0x5032;
    CONTENT_ENCODING_TYPE = 0x5033;
    CONTENT_COMPRESSION = 0x5034;
    CONTENT_COMP_ALGO = 0x4254;
    CONTENT_COMP_SETTINGS = 0x4255;

    EDITION_ENTRY = 0x45B9;
    EDITION_FLAG_HIDDEN = 0x45BD;
    EDITION_FLAG_ORDERED = 0x45DD;
    CHAPTER_ATOM = 0xB6;
    CHAPTER_TIME_START = 0x91;
    CHAPTER_TIME_END = 0x92;
    CHAPTER_FLAG_HIDDEN = 0x98;
    CHAPTER_DISPLAY = 0x80;
    CHAP_STRING = 0x85;
    CHAP_LANGUAGE = 0x437C;
    CHAP_LANGUAGE_BCP47 = 0x437D;

    TAG = 0x7373;
    TARGETS = 0x63C0;
    TARGET_TYPE_VALUE = 0x68CA;
    TARGET_TYPE = 0x63CA;
    TAG_TRACK_UID = 0x63C5;
    TAG_EDITION_UID = 0x63C9;
    TAG_CHAPTER_UID = 0x63C4;
    TAG_ATTACHMENT_UID = 0x63C6;
    SIMPLE_TAG = 0x67C8;
    TAG_NAME = 0x45A3;
    TAG_LANGUAGE = 0x447A;
    TAG_LANGUAGE_BCP47 = 0x447B;
    TAG_STRING = 0x4487;

    ATTACHED_FILE = 0x61A7;
    FILE_DESCRIPTION = 0x467E;
    FILE_NAME = 0x466E;
    FILE_MEDIA_TYPE = 0x4660;
    FILE_DATA = 0x465C;
}

/// Whether an id can only stand at the top of a document or of its segment, so that meeting it ends whatever claimed to
/// reach beyond it.
pub fn is_top(id: u32) -> bool {
    matches!(id, EBML | SEGMENT) || is_part(id)
}

/// Whether an id is one of the parts that a segment is made of.
pub fn is_part(id: u32) -> bool {
    matches!(id, SEEK_HEAD | INFO | CLUSTER | TRACKS | CUES | ATTACHMENTS | CHAPTERS | TAGS)
}

/// Whether an id stands directly in a cluster; met outside one, the cluster has no stated size.
pub fn is_in_cluster(id: u32) -> bool {
    matches!(id, TIMESTAMP | SILENT_TRACKS | POSITION | PREV_SIZE | SIMPLE_BLOCK | BLOCK_GROUP | ENCRYPTED_BLOCK)
}

/// Whether an id stands beside the block in a group.
pub fn is_in_block_group(id: u32) -> bool {
    matches!(
        id,
        BLOCK
            | BLOCK_DURATION
            | REFERENCE_PRIORITY
            | REFERENCE_BLOCK
            | BLOCK_VIRTUAL
            | CODEC_STATE
            | SLICES
            | BLOCK_ADDITIONS
            | DISCARD_PADDING
    )
}

/// What a part of a segment is called in messages.
pub fn name_of(id: u32) -> &'static str {
    match id {
        EBML => "the EBML header",
        SEGMENT => "Segment",
        SEEK_HEAD => "SeekHead",
        INFO => "Info",
        CLUSTER => "a Cluster",
        TRACKS => "Tracks",
        CUES => "Cues",
        ATTACHMENTS => "Attachments",
        CHAPTERS => "Chapters",
        TAGS => "Tags",
        _ => "an element",
    }
}
