-- Version 2 on PostgreSQL: several workers on one campaign, and results that came too late.
-- Who works on what is no part of the record: these two tables change and are not in the chain.

CREATE TABLE workers (
    id     bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    host   text NOT NULL,
    pid    bigint NOT NULL,
    slots  integer NOT NULL,                                -- trials that it runs at once
    folder text NOT NULL,                                   -- its state folder, which has the logs
    since  timestamptz NOT NULL DEFAULT clock_timestamp(),
    until  timestamptz NOT NULL                             -- by the database's clock; put off
);                                                          -- for as long as it works

CREATE TABLE leases (
    trial  text PRIMARY KEY,
    worker bigint NOT NULL REFERENCES workers ON DELETE CASCADE,
    since  timestamptz NOT NULL DEFAULT clock_timestamp(),
    until  timestamptz NOT NULL                             -- from then on anyone may take it
);

CREATE INDEX leases_by_worker ON leases (worker);

DROP VIEW trials;

-- Every trial that a campaign asked for, with its result if it has one; the first result counts.
CREATE VIEW trials AS
WITH finished AS (
    SELECT DISTINCT ON (readable(body) ->> 'trial') readable(body) ->> 'trial' AS trial,
        at, readable(body) AS body
    FROM entries WHERE kind = 'trial-finished' ORDER BY readable(body) ->> 'trial', seq
),
late AS (
    SELECT readable(body) ->> 'trial' AS trial, count(*) AS results
    FROM entries WHERE kind = 'trial-late' GROUP BY readable(body) ->> 'trial'
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
    finished.at AS finished_at,
    finished.body #>> '{run,host,host}' AS host,
    coalesce(late.results, 0) AS late
FROM entries AS batch
CROSS JOIN elements(readable(batch.body) -> 'trials') AS asked
LEFT JOIN finished ON finished.trial = asked.value ->> 'trial'
LEFT JOIN late ON late.trial = asked.value ->> 'trial'
WHERE batch.kind = 'batch-asked'
ORDER BY batch.seq, asked.place;
