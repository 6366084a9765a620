-- Which moments the rows of one writing are dated at, where that is earlier (`price.told_ms`): a commit tells of many
-- withdrawals, and they are dated at one answer. The rows themselves are found by the moment they are dated at.
CREATE TABLE telling (
  told_ms INTEGER NOT NULL,
  observed_ms INTEGER NOT NULL,
  PRIMARY KEY (told_ms, observed_ms)
) STRICT, WITHOUT ROWID;
INSERT INTO telling SELECT DISTINCT told_ms, observed_ms FROM price WHERE told_ms IS NOT NULL AND revision = 0;
DROP INDEX price_by_telling;

-- Accepted attempts at a provider's parts that ended on one day (UTC, days since 1970): the first, the last, and the longest
-- time between two that follow each other. It tells when nothing was known of a provider; attempts are looked at only
-- within days of which it says that something is to be found.
CREATE TABLE provider_day (
  provider TEXT NOT NULL,
  day INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  apart_ms INTEGER NOT NULL,
  PRIMARY KEY (provider, day)
) STRICT, WITHOUT ROWID;
INSERT INTO provider_day SELECT provider, day, min(finished_ms), max(finished_ms), coalesce(max(finished_ms - before_ms), 0) FROM (
  SELECT provider, finished_ms / 86400000 AS day, finished_ms,
    lag(finished_ms) OVER (PARTITION BY provider, finished_ms / 86400000 ORDER BY finished_ms) AS before_ms
  FROM collection JOIN part ON part.id = part_id WHERE outcome = 'accepted'
) GROUP BY provider, day;
