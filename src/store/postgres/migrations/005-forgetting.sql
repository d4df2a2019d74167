-- Records can be deleted. Their events stay, so events no longer refer to items, which go; what people said in
-- them, the detail, may be taken out once the item is gone, and nothing else may ever be changed.
ALTER TABLE events DROP CONSTRAINT events_id_fkey;
DROP INDEX events_of_trail;
DROP INDEX events_of_trail_by_who;
CREATE INDEX events_of_trail ON events (act, at_ms, n)
  WHERE act IN ('labelled', 'discarded', 'undone', 'reassigned', 'forgotten');
CREATE INDEX events_of_trail_by_who ON events (who, act, at_ms, n)
  WHERE act IN ('labelled', 'discarded', 'undone', 'reassigned', 'forgotten');
DROP TRIGGER events_stay ON events;
CREATE TRIGGER events_are_kept BEFORE DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.detail IS NULL AND (NEW.n, NEW.id, NEW.at_ms, NEW.act) = (OLD.n, OLD.id, OLD.at_ms, OLD.act)
    AND NEW.who IS NOT DISTINCT FROM OLD.who AND NOT EXISTS (SELECT 1 FROM items WHERE items.id = OLD.id)
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'events are append-only';
END $$;
CREATE TRIGGER events_stay BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION refuse_event_change();

-- One row: the highest place that a label had which is deleted. A place is never given twice, or whoever has
-- exported up to it would miss the label that has it next.
CREATE TABLE deleted_places (
  -- So that it is looked up by its key, as all rows are.
  one     boolean PRIMARY KEY DEFAULT true CHECK (one),
  highest bigint NOT NULL
);
INSERT INTO deleted_places (highest) VALUES (0);

CREATE INDEX predictions_by_time ON predictions (created_ms, id);
