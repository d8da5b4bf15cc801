-- The layout of a library database at version 7, the first that is ours (version 6 is the earlier program's).
-- Paths and names are BLOBs: they are the bytes that the system gave. Times are nanoseconds since the Unix epoch.

CREATE TABLE _meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- A folder that was named as a root of a scan.
CREATE TABLE roots (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,
    -- Identity of the folder when it was last scanned; a difference means that something else is mounted there.
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    filesystem TEXT NOT NULL,
    -- Names the filesystem where it has a name that outlives a mount; else zero.
    filesystem_id INTEGER NOT NULL DEFAULT 0,
    is_mount INTEGER NOT NULL,
    last_complete_scan_ns INTEGER,
    last_file_count INTEGER
) STRICT;

-- Folders inside roots where a filesystem was mounted when they were last walked. While there is none, nothing is concluded
-- about the files below.
CREATE TABLE mounts (path BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

-- Absolute paths, so that overlapping roots share one row. The files below a folder P are those whose folder's path is P
-- or lies between P || '/' and P || '0'.
CREATE TABLE folders (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE files (
    -- Never given twice: the story of a file outlives its row.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder_id INTEGER NOT NULL REFERENCES folders(id),
    name BLOB NOT NULL,
    -- The observation that the facts belong to.
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    device INTEGER NOT NULL,
    links INTEGER NOT NULL,
    observed_ns INTEGER NOT NULL,
    -- ok: facts are recorded; error: reading failed, see `error`; pending: known but not read yet.
    state TEXT NOT NULL CHECK (state IN ('ok', 'error', 'pending')),
    error TEXT,
    missing_since_ns INTEGER,
    -- `name version` of the introspector that read the facts.
    reader TEXT,
    sample_hash BLOB,
    full_hash BLOB,
    first_seen_ns INTEGER NOT NULL,
    scanned_ns INTEGER,
    UNIQUE (folder_id, name)
) STRICT;
CREATE INDEX files_by_inode ON files (inode);
CREATE INDEX files_missing ON files (missing_since_ns) WHERE missing_since_ns IS NOT NULL;
CREATE INDEX files_in_error ON files (state) WHERE state <> 'ok';

-- What a scan has to know of the files in a folder, packed by `store::listings`: derived from `files`, and forgotten as soon
-- as any of them changes.
CREATE TABLE listings (
    folder_id INTEGER PRIMARY KEY REFERENCES folders(id) ON DELETE CASCADE,
    -- Files that are not missing.
    present INTEGER NOT NULL,
    -- The readers that the files refer to; JSON.
    readers TEXT NOT NULL,
    files BLOB NOT NULL
) STRICT;
CREATE TRIGGER listings_after_insert AFTER INSERT ON files BEGIN
    DELETE FROM listings WHERE folder_id = NEW.folder_id;
END;
CREATE TRIGGER listings_after_update AFTER UPDATE ON files BEGIN
    DELETE FROM listings WHERE folder_id IN (OLD.folder_id, NEW.folder_id);
END;
CREATE TRIGGER listings_after_delete AFTER DELETE ON files BEGIN
    DELETE FROM listings WHERE folder_id = OLD.folder_id;
END;

-- Facts as JSON (`media::Facts`), one row for each file that was read.
CREATE TABLE facts (
    file_id INTEGER PRIMARY KEY REFERENCES files(id) ON DELETE CASCADE,
    facts TEXT NOT NULL
) STRICT;

-- The part of the facts that people query.
CREATE TABLE tracks (
    file_id INTEGER NOT NULL REFERENCES files(id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    type TEXT NOT NULL,
    codec TEXT NOT NULL,
    language TEXT NOT NULL,
    title TEXT,
    is_default INTEGER NOT NULL,
    is_forced INTEGER NOT NULL,
    width INTEGER,
    height INTEGER,
    channels INTEGER,
    PRIMARY KEY (file_id, id)
) STRICT, WITHOUT ROWID;

-- Small columns first: lists read only those.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    -- The task that this job is a part of, or the job that this one tries again.
    parent_id TEXT,
    type TEXT NOT NULL CHECK (type IN ('scan', 'apply', 'task', 'undo', 'prune', 'transcode', 'move')),
    status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    created_ns INTEGER NOT NULL,
    started_ns INTEGER,
    completed_ns INTEGER,
    -- The process that runs it: pids come again, so boot and start time make it unique.
    pid INTEGER,
    boot_id TEXT,
    process_started INTEGER,
    heartbeat_ns INTEGER,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    files_affected INTEGER NOT NULL DEFAULT 0,
    profile TEXT,
    -- What was asked for, as shown to people.
    path TEXT,
    log_file TEXT,
    -- JSON from here on. Of `error`: message, causes, what was being worked on.
    summary TEXT,
    error TEXT,
    argv TEXT NOT NULL DEFAULT '[]',
    settings TEXT,
    plugins TEXT,
    tools TEXT,
    -- Seconds by phase.
    timings TEXT,
    -- The folder that relative paths in `argv` start from.
    working BLOB
) STRICT;
CREATE INDEX jobs_newest ON jobs (created_ns DESC, id DESC);
CREATE INDEX jobs_by_status ON jobs (status, created_ns DESC, id DESC);
CREATE INDEX jobs_by_type ON jobs (type, created_ns DESC, id DESC);
-- Those in which files failed, so that looking for one among many is no reading of all.
CREATE INDEX jobs_with_failed_files ON jobs (created_ns DESC, id DESC)
    WHERE json_valid(summary) AND (summary ->> 'failed' > 0 OR summary ->> 'errors' > 0);

-- The roots that a job works on: while it runs, no other job of its type may work on them.
CREATE TABLE job_roots (
    job_id TEXT NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
    root BLOB NOT NULL,
    PRIMARY KEY (job_id, root)
) STRICT, WITHOUT ROWID;

-- What a job did to a file. Files that a scan found unchanged have no row.
CREATE TABLE job_files (
    job_id TEXT NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
    file_id INTEGER NOT NULL,
    path BLOB NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (job_id, file_id, outcome)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_files_by_file ON job_files (file_id);

-- The story of a file; it outlives jobs, and the file.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL,
    job_id TEXT,
    at_ns INTEGER NOT NULL,
    kind TEXT NOT NULL,
    -- JSON.
    detail TEXT
) STRICT;
CREATE INDEX events_by_file ON events (file_id, at_ns);

-- Where files were before they were moved or forgotten, so that their story is found under the old path, too.
CREATE TABLE former_paths (
    path BLOB NOT NULL,
    file_id INTEGER NOT NULL,
    until_ns INTEGER NOT NULL,
    PRIMARY KEY (path, file_id)
) STRICT, WITHOUT ROWID;

-- What `describe` of a component said, by its digest, so that no component is started to be listed.
CREATE TABLE plugins (
    digest BLOB PRIMARY KEY,
    description TEXT NOT NULL
) STRICT;

-- A file that is being replaced, written down before anything is touched.
CREATE TABLE intents (
    id INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL,
    file_id INTEGER NOT NULL,
    original BLOB NOT NULL,
    work BLOB NOT NULL,
    target BLOB NOT NULL,
    backup BLOB,
    -- JSON: the plan and what the outcome must look like.
    plan TEXT NOT NULL,
    -- What an edit in place overwrites.
    undo BLOB,
    stage TEXT NOT NULL,
    at_ns INTEGER NOT NULL
) STRICT;
