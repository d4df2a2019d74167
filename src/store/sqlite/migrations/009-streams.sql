-- The camera, site or client that an image comes from, by the name that the caller gave; null where none was.
ALTER TABLE predictions ADD COLUMN stream TEXT;
CREATE INDEX predictions_of_stream ON predictions (stream, decision, model_digest, gate_id, created_ms)
  WHERE stream IS NOT NULL;

-- That of its predictions: those of different streams share no item.
ALTER TABLE items ADD COLUMN stream TEXT;
CREATE INDEX items_of_stream_by_rank    ON items (stream, outcome, rank, created_ms, id, lease_expires_ms)
  WHERE stream IS NOT NULL;
CREATE INDEX items_of_stream_by_created ON items (stream, outcome, created_ms, id, lease_expires_ms)
  WHERE stream IS NOT NULL;
