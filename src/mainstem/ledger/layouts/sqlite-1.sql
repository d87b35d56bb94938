-- The ledger's schema, version 1. SQLite 3.31 or newer.
-- The database itself keeps the ledger append-only: no program, ours included, alters a line.

CREATE TABLE entries (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT CHECK (seq > 0),  -- from 1, without gaps
    at   TEXT NOT NULL CHECK (typeof(at) = 'text'),          -- ISO 8601, UTC
    kind TEXT NOT NULL CHECK (typeof(kind) = 'text'),        -- such as trial-finished
    body TEXT NOT NULL CHECK (typeof(body) = 'text' AND json_valid(body)),  -- canonical JSON
    hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64)      -- over the line and the hash before it
);

CREATE INDEX entries_by_kind ON entries (kind, seq);

CREATE TRIGGER entries_are_never_altered BEFORE UPDATE ON entries
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: a line is never altered');
END;

CREATE TRIGGER entries_are_never_removed BEFORE DELETE ON entries
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: a line is never removed');
END;

-- Also keeps INSERT OR REPLACE, which fires no DELETE trigger, from replacing a line.
CREATE TRIGGER entries_follow_each_other BEFORE INSERT ON entries
WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries)
    OR EXISTS (SELECT 1 FROM entries WHERE hash = new.hash)
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: a line goes to the end');
END;

CREATE TABLE meta (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

-- What is open, merged or withdrawn: the last take of each proposal and its last verdict.
CREATE VIEW proposals AS
WITH taken AS (
    -- With max(), SQLite takes the other columns from that same line.
    SELECT json_extract(body, '$.id') AS id, max(seq) AS seq, at, body
    FROM entries WHERE kind = 'proposal-taken' GROUP BY 1
),
withdrawn AS (
    SELECT json_extract(body, '$.id') AS id, max(seq) AS seq
    FROM entries WHERE kind = 'proposal-withdrawn' GROUP BY 1
),
judged AS (
    SELECT json_extract(body, '$.proposal') AS id, max(seq) AS seq,
        json_extract(body, '$.kind') AS verdict, json_extract(body, '$.reason') AS reason
    FROM entries WHERE kind = 'verdict' GROUP BY 1
),
merged AS (
    SELECT member.value AS id, max(entries.seq) AS seq
    FROM entries, json_each(entries.body, '$.recipe') AS member
    WHERE entries.kind = 'merged' GROUP BY 1
)
SELECT
    taken.id,
    CASE WHEN merged.seq IS NOT NULL THEN 'merged'
         WHEN withdrawn.seq > taken.seq THEN 'withdrawn'
         ELSE 'open' END AS state,
    judged.verdict,
    judged.reason,
    json_extract(taken.body, '$.branch') AS branch,
    json_extract(taken.body, '$.commit') AS "commit",
    json_extract(taken.body, '$.base') AS base,
    json_extract(taken.body, '$.tree') AS tree,
    json_extract(taken.body, '$.components') AS components,
    json_extract(taken.body, '$.order') AS "order",
    json_extract(taken.body, '$.claim') AS claim,
    taken.at AS taken_at
FROM taken
LEFT JOIN withdrawn ON withdrawn.id = taken.id
LEFT JOIN judged ON judged.id = taken.id
LEFT JOIN merged ON merged.id = taken.id
ORDER BY json_extract(taken.body, '$.order');

-- Every trial that a campaign asked for, with its result if it has one; the first result counts.
CREATE VIEW trials AS
WITH finished AS (
    SELECT json_extract(body, '$.trial') AS trial, min(seq) AS seq, at, body
    FROM entries WHERE kind = 'trial-finished' GROUP BY 1
)
SELECT
    json_extract(asked.value, '$.trial') AS trial,
    json_extract(batch.body, '$.campaign') AS campaign,
    CASE WHEN json_extract(asked.value, '$.tree') IS NULL THEN 'void'
         WHEN finished.seq IS NULL THEN 'asked'
         WHEN json_extract(finished.body, '$.failure') IS NULL THEN 'succeeded'
         ELSE 'failed' END AS state,
    json_extract(asked.value, '$.recipe') AS recipe,
    json_extract(asked.value, '$.seed') AS seed,
    json_extract(asked.value, '$.rung') AS rung,
    json_extract(asked.value, '$.purpose') AS purpose,
    json_extract(asked.value, '$.tree') AS tree,
    json_extract(finished.body, '$.values') AS "values",
    json_extract(finished.body, '$.failure.cause') AS cause,
    json_extract(finished.body, '$.failure.what') AS what,
    json_extract(finished.body, '$.run.wall_s') AS wall_s,
    json_extract(finished.body, '$.run.log_dir') AS log_dir,
    batch.at AS asked_at,
    finished.at AS finished_at
FROM entries AS batch
JOIN json_each(batch.body, '$.trials') AS asked
LEFT JOIN finished ON finished.trial = json_extract(asked.value, '$.trial')
WHERE batch.kind = 'batch-asked'
ORDER BY batch.seq, asked.key;

-- Everything that was decided, in order: verdicts, and merges one proposal a row.
CREATE VIEW decisions AS
SELECT
    seq,
    at,
    json_extract(body, '$.campaign') AS campaign,
    json_extract(body, '$.proposal') AS proposal,
    json_extract(body, '$.kind') AS decision,
    json_extract(body, '$.reason') AS reason,
    json_extract(body, '$.others') AS others
FROM entries WHERE kind = 'verdict'
UNION ALL
SELECT
    entries.seq,
    entries.at,
    json_extract(entries.body, '$.campaign'),
    member.value,
    'merged',
    'the trunk moved to ' || json_extract(entries.body, '$.new'),
    json_extract(entries.body, '$.recipe')
FROM entries, json_each(entries.body, '$.recipe') AS member
WHERE entries.kind = 'merged'
ORDER BY 1;
