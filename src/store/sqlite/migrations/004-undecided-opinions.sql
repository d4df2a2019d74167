-- Whether the item is still open or disputed, so that those which a reviewer has answered are found without
-- a walk.
ALTER TABLE opinions ADD COLUMN undecided INTEGER NOT NULL DEFAULT 1;
UPDATE opinions SET undecided = 0
WHERE EXISTS (SELECT 1 FROM items WHERE items.id = opinions.id AND outcome IN ('labelled', 'discarded'));
CREATE INDEX opinions_undecided ON opinions (reviewer, id, label) WHERE undecided = 1;
CREATE TRIGGER opinions_decided AFTER UPDATE OF outcome ON items WHEN OLD.outcome <> NEW.outcome BEGIN
  UPDATE opinions SET undecided = NEW.outcome IN ('open', 'disputed')
  WHERE id = NEW.id AND undecided <> (NEW.outcome IN ('open', 'disputed'));
END;

CREATE INDEX predictions_flagged ON predictions (model_digest, gate_id, created_ms) WHERE decision = 'review';
