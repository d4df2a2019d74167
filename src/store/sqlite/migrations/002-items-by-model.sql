-- A claim takes the items of one model only. The digest stands in the items, too, so that those of another
-- model are no walk: one file may hold a million of them.
ALTER TABLE items ADD COLUMN model_digest TEXT NOT NULL DEFAULT '';
UPDATE items SET model_digest = (SELECT model_digest FROM predictions p WHERE p.id = items.id);
CREATE INDEX items_open_by_model
  ON items (model_digest, rank, created_ms, id, label, lease_expires_ms) WHERE label IS NULL;
