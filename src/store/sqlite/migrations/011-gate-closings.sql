-- Audits in the order in which they became final.
CREATE INDEX items_audited ON items (model_digest, decided_ms, id, outcome)
  WHERE inclusion_probability IS NOT NULL AND decided_ms IS NOT NULL;

-- Gates that audits have proven to break their promise. While a row has no reopened_ms its gate decides
-- nothing alone, in its stream or, where that is null, in any.
CREATE TABLE gate_closings (
  n            INTEGER PRIMARY KEY AUTOINCREMENT,
  model_digest TEXT NOT NULL,
  gate_id      TEXT NOT NULL,
  stream       TEXT,
  closed_ms    INTEGER NOT NULL,
  proof        TEXT NOT NULL CHECK (json_valid(proof)),
  reopened_ms  INTEGER,
  reopened_by  TEXT,
  reopened_why TEXT,
  CHECK ((reopened_ms IS NULL) = (reopened_by IS NULL) AND (reopened_ms IS NULL) = (reopened_why IS NULL))
) STRICT;
-- One that is closed is not closed again. No stream has an empty name.
CREATE UNIQUE INDEX gate_closings_standing ON gate_closings (model_digest, gate_id, ifnull(stream, ''))
  WHERE reopened_ms IS NULL;
