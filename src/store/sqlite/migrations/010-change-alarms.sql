-- That images are no longer like those that a gate was calibrated on. While a row has no ended_ms its alarm
-- stands, in its stream or, where that is null, over all images.
CREATE TABLE change_alarms (
  n            INTEGER PRIMARY KEY AUTOINCREMENT,
  model_digest TEXT NOT NULL,
  gate_id      TEXT NOT NULL,
  stream       TEXT,
  raised_ms    INTEGER NOT NULL,
  since_ms     INTEGER NOT NULL,
  finding      TEXT NOT NULL CHECK (json_valid(finding)),
  ended_ms     INTEGER,
  ended_by     TEXT,
  ended_why    TEXT,
  CHECK ((ended_ms IS NULL) = (ended_by IS NULL) AND (ended_ms IS NULL) = (ended_why IS NULL))
) STRICT;
-- One that stands is not raised again. No stream has an empty name.
CREATE UNIQUE INDEX change_alarms_standing ON change_alarms (model_digest, gate_id, ifnull(stream, ''))
  WHERE ended_ms IS NULL;

-- Evidence towards the next alarm, of each process. What a process has left, or has not written for a while,
-- the next one takes over.
CREATE TABLE change_watches (
  model_digest TEXT NOT NULL,
  gate_id      TEXT NOT NULL,
  holder       TEXT NOT NULL,
  saved_ms     INTEGER NOT NULL,
  is_left      INTEGER NOT NULL DEFAULT 0 CHECK (is_left IN (0, 1)),
  evidence     TEXT NOT NULL CHECK (json_valid(evidence)),
  PRIMARY KEY (model_digest, gate_id, holder)
) STRICT, WITHOUT ROWID;
