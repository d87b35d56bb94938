-- The ledger's layout on PostgreSQL, version 1. PostgreSQL 13 or newer, a database in UTF-8.
-- It fills a schema of its own, which is first on the search path while this file runs.
-- The database itself keeps the ledger append-only: no program, ours included, alters a line.

CREATE TABLE meta (
    name  text PRIMARY KEY,
    value text NOT NULL
);

CREATE TABLE entries (
    seq  bigint PRIMARY KEY CHECK (seq > 0),                -- from 1, without gaps
    at   text NOT NULL,                                     -- ISO 8601, UTC
    kind text NOT NULL,                                     -- such as trial-finished
    body text NOT NULL CHECK (body::json IS NOT NULL),      -- canonical JSON, as it was hashed
    hash text NOT NULL UNIQUE CHECK (length(hash) = 64)     -- over the line and the hash before it
);

CREATE INDEX entries_by_kind ON entries (kind, seq);

-- The end of the chain: whoever appends locks this row first, so appends follow each other.
-- It remembers the largest number that was given when lines are removed by force.
CREATE TABLE head (
    one  boolean PRIMARY KEY CHECK (one),
    seq  bigint NOT NULL,
    hash text NOT NULL
) WITH (fillfactor = 10);

INSERT INTO head VALUES (true, 0, repeat('0', 64));

CREATE FUNCTION refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: a line is never altered or removed'
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER entries_are_never_altered BEFORE UPDATE ON entries
FOR EACH STATEMENT EXECUTE FUNCTION refuse();

CREATE TRIGGER entries_are_never_removed BEFORE DELETE OR TRUNCATE ON entries
FOR EACH STATEMENT EXECUTE FUNCTION refuse();

CREATE FUNCTION follow() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    last bigint;
    first_added bigint;
    last_added bigint;
    number bigint;
BEGIN
    SELECT seq INTO STRICT last FROM head FOR UPDATE;
    SELECT min(seq), max(seq), count(*) INTO first_added, last_added, number FROM added;
    IF number = 0 THEN
        RETURN NULL;
    END IF;
    IF first_added <> last + 1 OR last_added <> last + number THEN
        RAISE EXCEPTION 'the ledger is append-only: a line goes to the end'
            USING ERRCODE = 'restrict_violation';
    END IF;
    UPDATE head SET seq = last_added, hash = (SELECT hash FROM added WHERE added.seq = last_added);
    RETURN NULL;
END
$$;

CREATE TRIGGER entries_follow_each_other AFTER INSERT ON entries
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION follow();

-- A body for views. PostgreSQL's text holds neither NUL nor half a surrogate pair, and its JSON
-- functions refuse their escapes wherever they stand: here, and only here, both become U+FFFD.
CREATE FUNCTION readable(body text) RETURNS json
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
    SELECT CASE WHEN strpos(body, '\u') = 0 THEN body ELSE
        regexp_replace(body, '(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})', '\1\\ufffd', 'g')
    END::json
$$;

-- The elements of a list; none of what is no list.
CREATE FUNCTION elements(list json) RETURNS TABLE (value json, place bigint)
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
    SELECT * FROM json_array_elements(
        CASE WHEN json_typeof(list) = 'array' THEN list ELSE '[]' END
    ) WITH ORDINALITY
$$;

-- A number; null of what is none.
CREATE FUNCTION number(value json) RETURNS numeric
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
    SELECT CASE WHEN json_typeof(value) = 'number' THEN (value #>> '{}')::numeric END
$$;

-- What is open, merged or withdrawn: the last take of each proposal and its last verdict.
CREATE VIEW proposals AS
WITH lines AS (
    SELECT seq, at, kind, readable(body) AS body FROM entries
    WHERE kind IN ('proposal-taken', 'proposal-withdrawn', 'verdict', 'merged')
),
taken AS (
    SELECT DISTINCT ON (body ->> 'id') body ->> 'id' AS id, seq, at, body
    FROM lines WHERE kind = 'proposal-taken' ORDER BY body ->> 'id', seq DESC
),
withdrawn AS (
    SELECT body ->> 'id' AS id, max(seq) AS seq
    FROM lines WHERE kind = 'proposal-withdrawn' GROUP BY body ->> 'id'
),
judged AS (
    SELECT DISTINCT ON (body ->> 'proposal') body ->> 'proposal' AS id,
        body ->> 'kind' AS verdict, body ->> 'reason' AS reason
    FROM lines WHERE kind = 'verdict' ORDER BY body ->> 'proposal', seq DESC
),
merged AS (
    SELECT member.value #>> '{}' AS id, max(lines.seq) AS seq
    FROM lines, elements(lines.body -> 'recipe') AS member
    WHERE lines.kind = 'merged' GROUP BY member.value #>> '{}'
)
SELECT
    taken.id,
    CASE WHEN merged.seq IS NOT NULL THEN 'merged'
         WHEN withdrawn.seq > taken.seq THEN 'withdrawn'
         ELSE 'open' END AS state,
    judged.verdict,
    judged.reason,
    taken.body ->> 'branch' AS branch,
    taken.body ->> 'commit' AS "commit",
    taken.body ->> 'base' AS base,
    taken.body ->> 'tree' AS tree,
    taken.body ->> 'components' AS components,
    number(taken.body -> 'order') AS "order",
    taken.body ->> 'claim' AS claim,
    taken.at AS taken_at
FROM taken
LEFT JOIN withdrawn ON withdrawn.id = taken.id
LEFT JOIN judged ON judged.id = taken.id
LEFT JOIN merged ON merged.id = taken.id
ORDER BY number(taken.body -> 'order') NULLS FIRST;

-- Every trial that a campaign asked for, with its result if it has one; the first result counts.
CREATE VIEW trials AS
WITH finished AS (
    SELECT DISTINCT ON (readable(body) ->> 'trial') readable(body) ->> 'trial' AS trial,
        at, readable(body) AS body
    FROM entries WHERE kind = 'trial-finished' ORDER BY readable(body) ->> 'trial', seq
)
SELECT
    asked.value ->> 'trial' AS trial,
    readable(batch.body) ->> 'campaign' AS campaign,
    CASE WHEN asked.value ->> 'tree' IS NULL THEN 'void'
         WHEN finished.at IS NULL THEN 'asked'
         WHEN finished.body ->> 'failure' IS NULL THEN 'succeeded'
         ELSE 'failed' END AS state,
    asked.value ->> 'recipe' AS recipe,
    number(asked.value -> 'seed') AS seed,
    asked.value ->> 'rung' AS rung,
    asked.value ->> 'purpose' AS purpose,
    asked.value ->> 'tree' AS tree,
    finished.body ->> 'values' AS "values",
    finished.body #>> '{failure,cause}' AS cause,
    finished.body #>> '{failure,what}' AS what,
    number(finished.body #> '{run,wall_s}') AS wall_s,
    finished.body #>> '{run,log_dir}' AS log_dir,
    batch.at AS asked_at,
    finished.at AS finished_at
FROM entries AS batch
CROSS JOIN elements(readable(batch.body) -> 'trials') AS asked
LEFT JOIN finished ON finished.trial = asked.value ->> 'trial'
WHERE batch.kind = 'batch-asked'
ORDER BY batch.seq, asked.place;

-- Everything that was decided, in order: verdicts, and merges one proposal a row.
CREATE VIEW decisions AS
SELECT seq, at, campaign, proposal, decision, reason, others FROM (
    SELECT
        seq,
        at,
        readable(body) ->> 'campaign' AS campaign,
        readable(body) ->> 'proposal' AS proposal,
        readable(body) ->> 'kind' AS decision,
        readable(body) ->> 'reason' AS reason,
        readable(body) ->> 'others' AS others,
        1 AS place
    FROM entries WHERE kind = 'verdict'
    UNION ALL
    SELECT
        seq,
        at,
        readable(body) ->> 'campaign',
        member.value #>> '{}',
        'merged',
        'the trunk moved to ' || (readable(body) ->> 'new'),
        readable(body) ->> 'recipe',
        member.place
    FROM entries, elements(readable(body) -> 'recipe') AS member
    WHERE kind = 'merged'
) AS decided
ORDER BY seq, place;
