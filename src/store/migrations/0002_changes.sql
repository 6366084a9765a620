-- What changed since then, newest first. A moment without a row of revision 0 is a correction, and no change of the market.
CREATE INDEX price_by_time ON price (observed_ms, offer_id, revision);
