-- What the earlier program kept and this one has no table for. Nothing is written here after the upgrade; these tables
-- have no foreign keys, so that they never hinder a change of what is alive.

CREATE TABLE operations (
    id TEXT PRIMARY KEY,
    file_id INTEGER NOT NULL,
    file_path TEXT NOT NULL,
    policy_name TEXT NOT NULL,
    policy_version INTEGER NOT NULL,
    actions_json TEXT NOT NULL,
    status TEXT NOT NULL,
    error_message TEXT,
    backup_path TEXT,
    started_at TEXT NOT NULL,
    completed_at TEXT
);

CREATE TABLE policies (
    id INTEGER PRIMARY KEY,
    name TEXT UNIQUE NOT NULL,
    version INTEGER NOT NULL,
    definition TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE TABLE plugin_acknowledgments (
    id INTEGER PRIMARY KEY,
    plugin_name TEXT NOT NULL,
    plugin_hash TEXT NOT NULL,
    acknowledged_at TEXT NOT NULL,
    acknowledged_by TEXT,
    UNIQUE (plugin_name, plugin_hash)
);

-- `track_id` was a row of the old tracks table; `file_id` and `track_index` say the same in the words of the new one.
CREATE TABLE transcription_results (
    id INTEGER PRIMARY KEY,
    track_id INTEGER NOT NULL UNIQUE,
    file_id INTEGER,
    track_index INTEGER,
    detected_language TEXT,
    confidence_score REAL NOT NULL,
    track_type TEXT NOT NULL,
    transcript_sample TEXT,
    plugin_name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
