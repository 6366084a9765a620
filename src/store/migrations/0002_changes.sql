-- What changed since then, newest first. A moment without a row of revision 0 is a correction, and no change of the market.
CREATE INDEX price_by_time ON price (observed_ms, offer_id, revision);

-- The answer to each request of a part that was current at a moment.
CREATE INDEX page_by_time ON page (part_id, request_key, first_seen_ms);
