-- Records can be deleted. Their events stay, so events no longer refer to items, which go; what people said in
-- them, the detail, may be taken out once the item is gone, and nothing else may ever be changed.
CREATE TABLE events_apart (
  n      INTEGER PRIMARY KEY AUTOINCREMENT,
  id     TEXT NOT NULL,
  at_ms  INTEGER NOT NULL,
  act    TEXT NOT NULL,
  who    TEXT,
  detail TEXT
) STRICT;
INSERT INTO events_apart SELECT n, id, at_ms, act, who, detail FROM events ORDER BY n;
DROP TABLE events;
ALTER TABLE events_apart RENAME TO events;
CREATE INDEX events_by_item ON events (id, n);
CREATE INDEX events_of_trail ON events (act, at_ms, n)
  WHERE act IN ('labelled', 'discarded', 'undone', 'reassigned', 'forgotten');
CREATE INDEX events_of_trail_by_who ON events (who, act, at_ms, n)
  WHERE act IN ('labelled', 'discarded', 'undone', 'reassigned', 'forgotten');
CREATE TRIGGER events_stay BEFORE UPDATE ON events
WHEN NEW.detail IS NOT NULL OR NEW.n <> OLD.n OR NEW.id <> OLD.id OR NEW.at_ms <> OLD.at_ms
  OR NEW.act <> OLD.act OR NEW.who IS NOT OLD.who OR EXISTS (SELECT 1 FROM items WHERE items.id = OLD.id)
BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE TRIGGER events_are_kept BEFORE DELETE ON events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;

-- One row: the highest place that a label had which is deleted. A place is never given twice, or whoever has
-- exported up to it would miss the label that has it next.
CREATE TABLE deleted_places (
  highest INTEGER NOT NULL
) STRICT;
INSERT INTO deleted_places VALUES (0);

CREATE INDEX predictions_by_time ON predictions (created_ms, id);
