-- Append-only, and so is events: whoever wants to forget must drop a trigger first.
CREATE TABLE service_events (
  n      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at_ms  bigint NOT NULL,
  act    text COLLATE "C" NOT NULL,
  who    text COLLATE "C",
  detail json NOT NULL
);
CREATE INDEX service_events_by_time ON service_events (act, at_ms, n);
-- Which was written last does not hang on the clock.
CREATE INDEX service_events_by_act  ON service_events (act, n);

CREATE INDEX events_of_trail ON events (act, at_ms, n)
  WHERE act IN ('labelled', 'discarded', 'undone', 'reassigned');
CREATE INDEX events_of_trail_by_who ON events (who, act, at_ms, n)
  WHERE act IN ('labelled', 'discarded', 'undone', 'reassigned');

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% are append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER service_events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON service_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
