-- Prices of elsewhere: beside what gpurate collected, never among it. Nothing of now is made of them.
CREATE TABLE import (
  id INTEGER PRIMARY KEY,
  origin TEXT NOT NULL UNIQUE,
  source TEXT NOT NULL,
  licence TEXT,
  -- A price holds until the next one of its series, but no longer than this after it was last seen.
  holds_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT;

-- Files that were read for it.
CREATE TABLE import_file (
  import_id INTEGER NOT NULL REFERENCES import (id),
  hash TEXT NOT NULL,
  name TEXT NOT NULL,
  read_ms INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  PRIMARY KEY (import_id, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE imported_offer (
  id INTEGER PRIMARY KEY,
  import_id INTEGER NOT NULL REFERENCES import (id),
  hash BLOB NOT NULL,
  provider TEXT NOT NULL,
  sku TEXT NOT NULL,
  tier TEXT NOT NULL,
  region TEXT NOT NULL,
  country TEXT,
  market TEXT NOT NULL,
  gpu_count TEXT,
  gpu_name TEXT NOT NULL,
  vram_per_gpu_mib INTEGER,
  UNIQUE (import_id, hash)
) STRICT;

-- A price that was seen from `from_ms` to `until_ms`, and not otherwise between. `quote_nanos` is null where it equals the price per hour.
CREATE TABLE imported_price (
  offer_id INTEGER NOT NULL REFERENCES imported_offer (id),
  from_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  per_hour_nanos INTEGER NOT NULL,
  quote_nanos INTEGER,
  unit_id INTEGER NOT NULL REFERENCES unit (id),
  PRIMARY KEY (offer_id, from_ms)
) STRICT, WITHOUT ROWID;
