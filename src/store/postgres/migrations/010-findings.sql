-- What was said instead of a label: that none of the model's fits, or that the image cannot be judged. Null
-- for a label, and where the image is unusable.
ALTER TABLE opinions ADD COLUMN finding text COLLATE "C" CHECK (finding IN ('none_of_these', 'unreadable'));
-- Of an item that was decided without a label, whose outcome is 'discarded', as a predecessor reads it.
ALTER TABLE items ADD COLUMN finding text COLLATE "C" CHECK (finding IN ('none_of_these', 'unreadable'));

-- That no label fits is exported, as a line without a label.
CREATE OR REPLACE FUNCTION item_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE totals SET
    labelled  = labelled  + (NEW.outcome = 'labelled')::int  - (OLD.outcome = 'labelled')::int,
    discarded = discarded + (NEW.outcome = 'discarded')::int - (OLD.outcome = 'discarded')::int,
    disputed  = disputed  + (NEW.outcome = 'disputed')::int  - (OLD.outcome = 'disputed')::int
  WHERE part = pg_backend_pid() % 32;
  IF NEW.caller IS NOT NULL AND (NEW.outcome = 'open') <> (OLD.outcome = 'open') THEN
    INSERT INTO open_items
    VALUES (NEW.caller, pg_backend_pid() % 32, (NEW.outcome = 'open')::int - (OLD.outcome = 'open')::int)
    ON CONFLICT (caller, part) DO UPDATE SET items = open_items.items + excluded.items;
  END IF;
  UPDATE item_reasons SET outcome = NEW.outcome WHERE id = NEW.id;
  DELETE FROM skips WHERE id = NEW.id;
  IF OLD.outcome IN ('labelled', 'discarded') THEN DELETE FROM labels WHERE item_id = OLD.id; END IF;
  IF NEW.outcome = 'labelled' OR NEW.outcome = 'discarded' AND NEW.finding = 'none_of_these' THEN
    INSERT INTO labels (id, prediction_id, item_id, decided_ms)
    SELECT CASE WHEN p.decision = 'auto' THEN NEW.id ELSE p.id END,
      CASE WHEN p.decision = 'auto' AND p.id <> NEW.id THEN p.id END, NEW.id, NEW.decided_ms
    FROM predictions p WHERE p.item_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;

DROP INDEX events_of_trail;
DROP INDEX events_of_trail_by_who;
CREATE INDEX events_of_trail ON events (act, at_ms, n)
  WHERE act IN ('labelled', 'none_of_these', 'unreadable', 'discarded', 'undone', 'reassigned', 'forgotten');
CREATE INDEX events_of_trail_by_who ON events (who, act, at_ms, n)
  WHERE act IN ('labelled', 'none_of_these', 'unreadable', 'discarded', 'undone', 'reassigned', 'forgotten');
