-- When a row was written, where that is later than the moment it is dated at (a withdrawal is dated at the first answer without
-- it). Null: then.
ALTER TABLE price ADD COLUMN told_ms INTEGER;
CREATE INDEX price_by_telling ON price (told_ms, offer_id) WHERE told_ms IS NOT NULL;

-- When its amount began, where stock or terms moved since. Null: with its price.
ALTER TABLE offer_now ADD COLUMN amount_since_ms INTEGER;

-- 1: it was in its part's first accepted answer, and not believed since.
ALTER TABLE quarantine ADD COLUMN from_first_answer INTEGER NOT NULL DEFAULT 0;

-- Sightings of an imported price between its first and its last, packed. Null: they are not known.
ALTER TABLE imported_price ADD COLUMN between_times BLOB;
