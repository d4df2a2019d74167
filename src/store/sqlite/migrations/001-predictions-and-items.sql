-- Every answered input. The wide columns (answer) live here, so that scans of items never pass over them.
CREATE TABLE predictions (
  id              TEXT PRIMARY KEY,
  created_ms      INTEGER NOT NULL,
  input_hash      TEXT NOT NULL,
  model_digest    TEXT NOT NULL,
  gate_id         TEXT,
  decision        TEXT NOT NULL CHECK (decision IN ('auto', 'review')),
  reasons         TEXT NOT NULL CHECK (json_valid(reasons)),
  predicted_label TEXT,
  priority        REAL NOT NULL CHECK (abs(priority) <= 1.7976931348623157e308),
  answer          TEXT NOT NULL CHECK (json_valid(answer))
) STRICT;

-- Original bytes in a table of their own: neither a list nor a claim reads their pages.
CREATE TABLE images (
  id           TEXT PRIMARY KEY REFERENCES predictions (id),
  content_type TEXT NOT NULL,
  bytes        BLOB NOT NULL
) STRICT;

-- The review side of a prediction. rank is −priority: with it the order of review ascends in every column
-- (rank, created_ms, id), which lets one row-value comparison continue a page from the middle of an index.
CREATE TABLE items (
  id               TEXT PRIMARY KEY REFERENCES predictions (id),
  rank             REAL NOT NULL,
  created_ms       INTEGER NOT NULL,
  lease            TEXT,
  reviewer         TEXT,
  lease_expires_ms INTEGER,
  claims           INTEGER NOT NULL DEFAULT 0,
  label            TEXT,
  labelled_by      TEXT,
  labelled_ms      INTEGER,
  note             TEXT,
  CHECK ((lease IS NULL) = (reviewer IS NULL) AND (lease IS NULL) = (lease_expires_ms IS NULL)),
  CHECK ((label IS NULL) = (labelled_by IS NULL) AND (label IS NULL) = (labelled_ms IS NULL))
) STRICT, WITHOUT ROWID;

-- Open items and labelled ones have indexes of their own, so that a claim never walks over what is done.
-- Those of open items end with what a walk tests, which makes them covering: passing over 10,000 leased
-- items takes 0.3 ms with it and 23 ms without.
CREATE INDEX items_open_by_rank    ON items (rank, created_ms, id, label, lease_expires_ms)
  WHERE label IS NULL;
CREATE INDEX items_open_by_created ON items (created_ms, id, label, lease_expires_ms)
  WHERE label IS NULL;
CREATE INDEX items_leased
  ON items (lease_expires_ms, rank, created_ms, id, label)
  WHERE label IS NULL AND lease_expires_ms IS NOT NULL;
CREATE INDEX items_labelled_by_rank    ON items (rank, created_ms, id)        WHERE label IS NOT NULL;
CREATE INDEX items_labelled_by_created ON items (created_ms, id)              WHERE label IS NOT NULL;
CREATE INDEX items_label_by_rank       ON items (label, rank, created_ms, id) WHERE label IS NOT NULL;
CREATE INDEX items_label_by_created    ON items (label, created_ms, id)       WHERE label IS NOT NULL;

-- One row per reason of an item, with what lists sort by, so that a rare reason is found without a walk.
CREATE TABLE item_reasons (
  id         TEXT NOT NULL REFERENCES items (id),
  reason     TEXT NOT NULL,
  labelled   INTEGER NOT NULL DEFAULT 0,
  rank       REAL NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (id, reason)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_reasons_by_rank    ON item_reasons (reason, labelled, rank, created_ms, id);
CREATE INDEX item_reasons_by_created ON item_reasons (reason, labelled, created_ms, id);

-- Who put which unlabelled item behind all others, and when last.
CREATE TABLE skips (
  id         TEXT NOT NULL REFERENCES items (id),
  reviewer   TEXT NOT NULL,
  skipped_ms INTEGER NOT NULL,
  PRIMARY KEY (id, reviewer)
) STRICT, WITHOUT ROWID;
CREATE INDEX skips_by_reviewer ON skips (reviewer, skipped_ms, id);

-- One row. Counting a million index entries takes 25 ms, and metrics ask every few seconds.
CREATE TABLE totals (
  items    INTEGER NOT NULL,
  labelled INTEGER NOT NULL
) STRICT;
INSERT INTO totals VALUES (0, 0);

CREATE TRIGGER item_recorded AFTER INSERT ON items BEGIN
  UPDATE totals SET items = items + 1;
END;

CREATE TRIGGER item_labelled AFTER UPDATE OF label ON items
WHEN OLD.label IS NULL AND NEW.label IS NOT NULL BEGIN
  UPDATE totals SET labelled = labelled + 1;
  UPDATE item_reasons SET labelled = 1 WHERE id = NEW.id;
  DELETE FROM skips WHERE id = NEW.id;
END;
