-- Version 3 on SQLite: who acts here, beside the chain; overrides in the views.
-- Lines name people by tokens alone. Whose a token is stands here and may be altered: whoever is
-- forgotten keeps the token, so the chain stays as it is and says a pseudonym from then on.

CREATE TABLE identities (
    token     TEXT PRIMARY KEY NOT NULL,     -- random; what lines hold under "by"
    digest    TEXT NOT NULL UNIQUE,          -- of the address, with the salt in meta: recognises it
    name      TEXT,                          -- as git said it last; NULL once forgotten
    email     TEXT,                          -- in lower case; NULL once forgotten
    pseudonym TEXT,                          -- NULL until forgotten
    CHECK ((name IS NULL) = (email IS NULL)),
    CHECK ((name IS NULL) = (pseudonym IS NOT NULL))
);

DROP VIEW proposals;

-- What is open, merged, vetoed or withdrawn: the last take of each proposal, its last verdict, and
-- the last word of a person if there is one.
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
overridden AS (
    SELECT json_extract(body, '$.proposal') AS id, max(seq) AS seq,
        json_extract(body, '$.kind') AS word
    FROM entries WHERE kind = 'override' GROUP BY 1
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
         WHEN withdrawn.seq > taken.seq OR overridden.word = 'withdraw' THEN 'withdrawn'
         WHEN overridden.word = 'veto' THEN 'vetoed'
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
LEFT JOIN overridden ON overridden.id = taken.id
LEFT JOIN judged ON judged.id = taken.id
LEFT JOIN merged ON merged.id = taken.id
ORDER BY json_extract(taken.body, '$.order');

DROP VIEW decisions;

-- Everything that was decided, in order: verdicts, what people said, merges one proposal a row.
CREATE VIEW decisions AS
SELECT
    seq,
    at,
    json_extract(body, '$.campaign') AS campaign,
    json_extract(body, '$.proposal') AS proposal,
    json_extract(body, '$.kind') AS decision,
    json_extract(body, '$.reason') AS reason,
    json_extract(body, '$.others') AS others
FROM entries WHERE kind IN ('verdict', 'override')
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
