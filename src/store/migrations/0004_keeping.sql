-- What was deleted because its keeping time was over. `scope` is a provider, a part (`provider/part`) or nothing for all.
CREATE TABLE retention (
  subject TEXT NOT NULL,
  scope TEXT NOT NULL,
  -- Of before this not everything is there any more.
  before_ms INTEGER NOT NULL,
  -- Deleted so far, and when any was deleted last.
  rows INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  PRIMARY KEY (subject, scope)
) STRICT, WITHOUT ROWID;

-- An offer stays as long as an event is about it.
CREATE INDEX event_by_offer ON event (offer_id) WHERE offer_id IS NOT NULL;

-- The billing rule of each provider as a program last knew it: `facts` is JSON. What a later program knows otherwise is an
-- event of the kind `rule_changed`, whose detail is JSON, of a part named `rule`.
CREATE TABLE rule (
  provider TEXT PRIMARY KEY,
  facts TEXT NOT NULL,
  kept_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
