-- Version 3 on PostgreSQL: who acts here, beside the chain; overrides in the views.
-- Lines name people by tokens alone. Whose a token is stands here and may be altered: whoever is
-- forgotten keeps the token, so the chain stays as it is and says a pseudonym from then on.

CREATE TABLE identities (
    token     text PRIMARY KEY,              -- random; what lines hold under "by"
    digest    text NOT NULL UNIQUE,          -- of the address, with the salt in meta: recognises it
    name      text,                          -- as git said it last; NULL once forgotten
    email     text,                          -- in lower case; NULL once forgotten
    pseudonym text,                          -- NULL until forgotten
    CHECK ((name IS NULL) = (email IS NULL)),
    CHECK ((name IS NULL) = (pseudonym IS NOT NULL))
);

DROP VIEW proposals;

-- What is open, merged, vetoed or withdrawn: the last take of each proposal, its last verdict, and
-- the last word of a person if there is one.
CREATE VIEW proposals AS
WITH lines AS (
    SELECT seq, at, kind, readable(body) AS body FROM entries
    WHERE kind IN ('proposal-taken', 'proposal-withdrawn', 'override', 'verdict', 'merged')
),
taken AS (
    SELECT DISTINCT ON (body ->> 'id') body ->> 'id' AS id, seq, at, body
    FROM lines WHERE kind = 'proposal-taken' ORDER BY body ->> 'id', seq DESC
),
withdrawn AS (
    SELECT body ->> 'id' AS id, max(seq) AS seq
    FROM lines WHERE kind = 'proposal-withdrawn' GROUP BY body ->> 'id'
),
overridden AS (
    SELECT DISTINCT ON (body ->> 'proposal') body ->> 'proposal' AS id, body ->> 'kind' AS word
    FROM lines WHERE kind = 'override' ORDER BY body ->> 'proposal', seq DESC
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
         WHEN withdrawn.seq > taken.seq OR overridden.word = 'withdraw' THEN 'withdrawn'
         WHEN overridden.word = 'veto' THEN 'vetoed'
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
LEFT JOIN overridden ON overridden.id = taken.id
LEFT JOIN judged ON judged.id = taken.id
LEFT JOIN merged ON merged.id = taken.id
ORDER BY number(taken.body -> 'order') NULLS FIRST;

DROP VIEW decisions;

-- Everything that was decided, in order: verdicts, what people said, merges one proposal a row.
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
    FROM entries WHERE kind IN ('verdict', 'override')
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
