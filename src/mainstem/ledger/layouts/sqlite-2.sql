-- Version 2 on SQLite: results that came too late, and the host that a trial ran on.

DROP VIEW trials;

-- Every trial that a campaign asked for, with its result if it has one; the first result counts.
CREATE VIEW trials AS
WITH finished AS (
    SELECT json_extract(body, '$.trial') AS trial, min(seq) AS seq, at, body
    FROM entries WHERE kind = 'trial-finished' GROUP BY 1
),
late AS (
    SELECT json_extract(body, '$.trial') AS trial, count(*) AS results
    FROM entries WHERE kind = 'trial-late' GROUP BY 1
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
    finished.at AS finished_at,
    json_extract(finished.body, '$.run.host.host') AS host,
    coalesce(late.results, 0) AS late
FROM entries AS batch
JOIN json_each(batch.body, '$.trials') AS asked
LEFT JOIN finished ON finished.trial = json_extract(asked.value, '$.trial')
LEFT JOIN late ON late.trial = json_extract(asked.value, '$.trial')
WHERE batch.kind = 'batch-asked'
ORDER BY batch.seq, asked.key;
