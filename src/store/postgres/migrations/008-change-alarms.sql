-- That images are no longer like those that a gate was calibrated on. While a row has no ended_ms its alarm
-- stands, in its stream or, where that is null, over all images.
CREATE TABLE change_alarms (
  n            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  model_digest text COLLATE "C" NOT NULL,
  gate_id      text COLLATE "C" NOT NULL,
  stream       text COLLATE "C",
  raised_ms    bigint NOT NULL,
  since_ms     bigint NOT NULL,
  finding      json NOT NULL,
  ended_ms     bigint,
  ended_by     text COLLATE "C",
  ended_why    text COLLATE "C",
  CHECK ((ended_ms IS NULL) = (ended_by IS NULL) AND (ended_ms IS NULL) = (ended_why IS NULL))
);
-- One that stands is not raised again. No stream has an empty name.
CREATE UNIQUE INDEX change_alarms_standing ON change_alarms (model_digest, gate_id, coalesce(stream, ''))
  WHERE ended_ms IS NULL;

-- Evidence towards the next alarm, of each process. What a process has left, or has not written for a while,
-- the next one takes over.
CREATE TABLE change_watches (
  model_digest text COLLATE "C" NOT NULL,
  gate_id      text COLLATE "C" NOT NULL,
  holder       text COLLATE "C" NOT NULL,
  saved_ms     bigint NOT NULL,
  is_left      boolean NOT NULL DEFAULT false,
  evidence     json NOT NULL,
  PRIMARY KEY (model_digest, gate_id, holder)
);
