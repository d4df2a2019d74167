-- Audits in the order in which they became final.
CREATE INDEX items_audited ON items (model_digest, decided_ms, id, outcome)
  WHERE inclusion_probability IS NOT NULL AND decided_ms IS NOT NULL;

-- Gates that audits have proven to break their promise. While a row has no reopened_ms its gate decides
-- nothing alone, in its stream or, where that is null, in any.
CREATE TABLE gate_closings (
  n            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  model_digest text COLLATE "C" NOT NULL,
  gate_id      text COLLATE "C" NOT NULL,
  stream       text COLLATE "C",
  closed_ms    bigint NOT NULL,
  proof        json NOT NULL,
  reopened_ms  bigint,
  reopened_by  text COLLATE "C",
  reopened_why text COLLATE "C",
  CHECK ((reopened_ms IS NULL) = (reopened_by IS NULL) AND (reopened_ms IS NULL) = (reopened_why IS NULL))
);
-- One that is closed is not closed again. No stream has an empty name.
CREATE UNIQUE INDEX gate_closings_standing ON gate_closings (model_digest, gate_id, coalesce(stream, ''))
  WHERE reopened_ms IS NULL;
