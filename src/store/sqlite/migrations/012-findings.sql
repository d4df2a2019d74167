-- What was said instead of a label: that none of the model's fits, or that the image cannot be judged. Null
-- for a label, and where the image is unusable.
ALTER TABLE opinions ADD COLUMN finding TEXT CHECK (finding IN ('none_of_these', 'unreadable'));
-- Of an item that was decided without a label, whose outcome is 'discarded'.
ALTER TABLE items ADD COLUMN finding TEXT CHECK (finding IN ('none_of_these', 'unreadable'));

-- That no label fits is exported, as a line without a label.
DROP TRIGGER item_decided;
CREATE TRIGGER item_decided AFTER UPDATE OF outcome ON items WHEN OLD.outcome <> NEW.outcome BEGIN
  UPDATE totals SET
    labelled  = labelled  + (NEW.outcome = 'labelled')  - (OLD.outcome = 'labelled'),
    discarded = discarded + (NEW.outcome = 'discarded') - (OLD.outcome = 'discarded'),
    disputed  = disputed  + (NEW.outcome = 'disputed')  - (OLD.outcome = 'disputed');
  UPDATE open_items SET items = items + (NEW.outcome = 'open') - (OLD.outcome = 'open')
  WHERE caller = NEW.caller;
  UPDATE item_reasons SET outcome = NEW.outcome WHERE id = NEW.id;
  DELETE FROM skips WHERE id = NEW.id;
  DELETE FROM labels WHERE item_id = OLD.id AND OLD.outcome IN ('labelled', 'discarded');
  INSERT INTO labels (id, prediction_id, item_id, decided_ms)
  SELECT iif(p.decision = 'auto', NEW.id, p.id), iif(p.decision = 'auto' AND p.id <> NEW.id, p.id, NULL),
    NEW.id, NEW.decided_ms
  FROM predictions p WHERE p.item_id = NEW.id AND (NEW.outcome = 'labelled' OR NEW.finding = 'none_of_these');
END;

DROP INDEX events_of_trail;
DROP INDEX events_of_trail_by_who;
CREATE INDEX events_of_trail ON events (act, at_ms, n)
  WHERE act IN ('labelled', 'none_of_these', 'unreadable', 'discarded', 'undone', 'reassigned', 'forgotten');
CREATE INDEX events_of_trail_by_who ON events (who, act, at_ms, n)
  WHERE act IN ('labelled', 'none_of_these', 'unreadable', 'discarded', 'undone', 'reassigned', 'forgotten');
