-- How many providers a summary is of, and the lowest price of a trusted host: null in rows of before, which did not count them.
ALTER TABLE gpu_price ADD COLUMN providers INTEGER;
ALTER TABLE gpu_price ADD COLUMN rentable_nanos INTEGER;

-- The rows of `gpu_price` that began on one day (UTC, days since 1970): when the first and the last did, the lowest of all, and how
-- many have no price. A long chart reads these; what held at the day's beginning is the last row before it.
CREATE TABLE gpu_day (
  scope_id INTEGER NOT NULL REFERENCES gpu_scope (id),
  day INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  min_nanos INTEGER,
  rentable_nanos INTEGER,
  without_price INTEGER NOT NULL,
  PRIMARY KEY (scope_id, day)
) STRICT, WITHOUT ROWID;
INSERT INTO gpu_day SELECT scope_id, observed_ms / 86400000, min(observed_ms), max(observed_ms), min(min_nanos), min(rentable_nanos),
  sum(min_nanos IS NULL) FROM gpu_price GROUP BY scope_id, observed_ms / 86400000;

-- Corrections, which are few among many rows.
CREATE INDEX price_corrected ON price (observed_ms, offer_id) WHERE revision > 0;

-- How often a machine that was free was free again so many hours later: counted now and then from listings, which are forgotten.
CREATE TABLE come_back (
  gpu TEXT NOT NULL,
  market TEXT NOT NULL,
  provider TEXT NOT NULL,
  tier TEXT NOT NULL,
  hours INTEGER NOT NULL,
  machines INTEGER NOT NULL,
  observations INTEGER NOT NULL,
  free_again INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (gpu, market, provider, tier, hours)
) STRICT, WITHOUT ROWID;
