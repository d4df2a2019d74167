-- Append-only, and so is events: whoever wants to forget must drop a trigger first.
CREATE TABLE service_events (
  n      INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms  INTEGER NOT NULL,
  act    TEXT NOT NULL,
  who    TEXT,
  detail TEXT NOT NULL CHECK (json_valid(detail))
) STRICT;
CREATE INDEX service_events_by_time ON service_events (act, at_ms, n);
-- Which was written last does not hang on the clock.
CREATE INDEX service_events_by_act  ON service_events (act, n);

CREATE INDEX events_of_trail ON events (act, at_ms, n)
  WHERE act IN ('labelled', 'discarded', 'undone', 'reassigned');
CREATE INDEX events_of_trail_by_who ON events (who, act, at_ms, n)
  WHERE act IN ('labelled', 'discarded', 'undone', 'reassigned');

CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE TRIGGER events_are_kept BEFORE DELETE ON events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE TRIGGER service_events_stay BEFORE UPDATE ON service_events BEGIN
  SELECT RAISE(ABORT, 'service_events are append-only');
END;
CREATE TRIGGER service_events_are_kept BEFORE DELETE ON service_events BEGIN
  SELECT RAISE(ABORT, 'service_events are append-only');
END;
