-- Times are milliseconds since 1970 UTC (`_ms`), money is nano-units of its currency (`_nanos`), memory is MiB (`_mib`).

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What is collected on its own. Counts are those of the last accepted attempt.
CREATE TABLE part (
  id INTEGER PRIMARY KEY,
  provider TEXT NOT NULL,
  name TEXT NOT NULL,
  last_attempt_ms INTEGER,
  last_outcome TEXT,
  last_error TEXT,
  last_accepted_ms INTEGER,
  source_dated_ms INTEGER,
  failures INTEGER NOT NULL DEFAULT 0,
  not_before_ms INTEGER,
  offers INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0,
  quarantined INTEGER NOT NULL DEFAULT 0,
  unmapped INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  duration_ms INTEGER NOT NULL DEFAULT 0,
  -- Refusals in a row, as JSON: [[time, offers], ...].
  refusals TEXT NOT NULL DEFAULT '[]',
  -- Names of parts that the source itself gave, as JSON.
  discovered TEXT NOT NULL DEFAULT '[]',
  adapter_version INTEGER NOT NULL DEFAULT 0,
  UNIQUE (provider, name)
) STRICT;

-- Every attempt, whatever came of it: where the gaps are.
CREATE TABLE collection (
  id INTEGER PRIMARY KEY,
  part_id INTEGER NOT NULL REFERENCES part (id),
  started_ms INTEGER NOT NULL,
  finished_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  error TEXT,
  offers INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  quarantined INTEGER NOT NULL,
  unmapped INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  adapter_version INTEGER NOT NULL
) STRICT;
CREATE INDEX collection_by_part ON collection (part_id, finished_ms);

-- Archived answers. One row per request and content; an answer that comes again only moves `last_seen_ms`.
CREATE TABLE page (
  part_id INTEGER NOT NULL REFERENCES part (id),
  request_key TEXT NOT NULL,
  hash TEXT NOT NULL,
  method TEXT NOT NULL,
  url TEXT NOT NULL,
  -- What was asked in a POST; a later version of the adapter reads its answer again.
  request_body TEXT,
  first_seen_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  etag TEXT,
  last_modified TEXT,
  PRIMARY KEY (part_id, request_key, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX page_by_hash ON page (hash);

-- Money facts beside an hourly price, each set once.
CREATE TABLE terms (
  id INTEGER PRIMARY KEY,
  content TEXT NOT NULL UNIQUE
) STRICT;

-- Currency, unit and kind of a quote, each combination once.
CREATE TABLE unit (
  id INTEGER PRIMARY KEY,
  currency TEXT NOT NULL,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  UNIQUE (currency, unit, kind)
) STRICT;

-- One row per offer ever seen: what does not move with its price.
CREATE TABLE offer (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  part_id INTEGER NOT NULL REFERENCES part (id),
  sku TEXT NOT NULL,
  tier TEXT NOT NULL,
  region TEXT NOT NULL,
  country TEXT,
  market TEXT NOT NULL,
  gpu_count TEXT,
  provider_term TEXT,
  gpu_name TEXT NOT NULL,
  gpu_name_alternative TEXT,
  vram_per_gpu_mib INTEGER,
  vram_usable_mib INTEGER,
  gpu_count_max INTEGER,
  units INTEGER NOT NULL,
  attributes TEXT NOT NULL
) STRICT;

-- Its price of now, in rows of their own because they are rewritten often. `presence`: 0 present, 1 held, 2 missed once,
-- 3 withdrawn. `observed_ms` is null while present: then it is its part's `last_accepted_ms`. `availability` as in `price`.
CREATE TABLE offer_now (
  offer_id INTEGER PRIMARY KEY REFERENCES offer (id),
  presence INTEGER NOT NULL,
  observed_ms INTEGER,
  missed_ms INTEGER,
  per_hour_nanos INTEGER NOT NULL,
  quote_nanos INTEGER NOT NULL,
  unit_id INTEGER NOT NULL REFERENCES unit (id),
  availability INTEGER NOT NULL,
  terms_id INTEGER NOT NULL REFERENCES terms (id),
  price_since_ms INTEGER NOT NULL,
  previous_nanos INTEGER
) STRICT;

-- The history: one row per change, withdrawals (`per_hour_nanos` null) included. Readers take the highest revision.
-- `quote_nanos` is null where it equals the price per hour.
CREATE TABLE price (
  offer_id INTEGER NOT NULL,
  observed_ms INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  per_hour_nanos INTEGER,
  quote_nanos INTEGER,
  unit_id INTEGER NOT NULL,
  -- 0 available, 1 low, 2 unavailable, 3 not stated.
  availability INTEGER NOT NULL,
  terms_id INTEGER NOT NULL,
  PRIMARY KEY (offer_id, observed_ms, revision)
) STRICT, WITHOUT ROWID;

-- What `gpu_price` is about: a GPU in a market and tier, one GPU or several, one provider or all (null).
CREATE TABLE gpu_scope (
  id INTEGER PRIMARY KEY,
  gpu TEXT NOT NULL,
  market TEXT NOT NULL,
  tier TEXT NOT NULL,
  several INTEGER NOT NULL,
  provider TEXT NOT NULL,
  UNIQUE (gpu, market, tier, several, provider)
) STRICT;

-- Dollars per GPU-hour over the offers that can be had, one row per change. All figures null: none left.
CREATE TABLE gpu_price (
  scope_id INTEGER NOT NULL REFERENCES gpu_scope (id),
  observed_ms INTEGER NOT NULL,
  min_nanos INTEGER,
  quartile_nanos INTEGER,
  median_nanos INTEGER,
  max_nanos INTEGER,
  offers INTEGER NOT NULL,
  machines INTEGER NOT NULL,
  providers_not_fresh INTEGER NOT NULL,
  PRIMARY KEY (scope_id, observed_ms)
) STRICT, WITHOUT ROWID;

-- Rows of the last attempt that could not be used.
CREATE TABLE rejected (
  part_id INTEGER NOT NULL REFERENCES part (id),
  number INTEGER NOT NULL,
  observed_ms INTEGER NOT NULL,
  sku TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (part_id, number)
) STRICT, WITHOUT ROWID;

-- Prices that were seen and not believed, until they are. `seen` and `offer` are JSON.
CREATE TABLE quarantine (
  hash BLOB PRIMARY KEY,
  part_id INTEGER NOT NULL REFERENCES part (id),
  reason TEXT NOT NULL,
  seen TEXT NOT NULL,
  offer TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE fx_rate (
  date TEXT NOT NULL,
  currency TEXT NOT NULL,
  per_eur_nanos INTEGER NOT NULL,
  PRIMARY KEY (date, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  part_id INTEGER NOT NULL REFERENCES part (id),
  offer_id INTEGER,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_time ON event (at_ms);
