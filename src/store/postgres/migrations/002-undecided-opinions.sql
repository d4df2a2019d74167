-- Whether the item is still open or disputed, so that those which a reviewer has answered are found without
-- a walk. A predecessor that still runs leaves it to the trigger.
ALTER TABLE opinions ADD COLUMN undecided boolean NOT NULL DEFAULT true;
UPDATE opinions SET undecided = false
WHERE EXISTS (SELECT 1 FROM items WHERE items.id = opinions.id AND outcome IN ('labelled', 'discarded'));
CREATE INDEX opinions_undecided ON opinions (reviewer, id) WHERE undecided;
CREATE FUNCTION opinions_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE opinions SET undecided = NEW.outcome IN ('open', 'disputed')
  WHERE id = NEW.id AND undecided <> (NEW.outcome IN ('open', 'disputed'));
  RETURN NULL;
END $$;
CREATE TRIGGER opinions_decided AFTER UPDATE OF outcome ON items
  FOR EACH ROW WHEN (OLD.outcome <> NEW.outcome) EXECUTE FUNCTION opinions_decided();

CREATE INDEX predictions_flagged ON predictions (model_digest, gate_id, created_ms) WHERE decision = 'review';
