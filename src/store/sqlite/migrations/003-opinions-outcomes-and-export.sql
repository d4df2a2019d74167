-- Opinions, outcomes beside the label, assignments, history, export. Tables whose checks change are made
-- anew.
ALTER TABLE predictions ADD COLUMN inclusion_probability REAL NOT NULL DEFAULT 1
  CHECK (inclusion_probability BETWEEN 0 AND 1);
UPDATE predictions SET inclusion_probability = 0 WHERE decision = 'auto';
CREATE INDEX predictions_auto ON predictions (model_digest, gate_id, created_ms) WHERE decision = 'auto';

-- What each person said, while it stands. A null label: the image is unusable. The lease tells a repeated
-- call.
CREATE TABLE opinions (
  id       TEXT NOT NULL REFERENCES items (id),
  reviewer TEXT NOT NULL,
  label    TEXT,
  note     TEXT,
  given_ms INTEGER NOT NULL,
  lease    TEXT NOT NULL,
  PRIMARY KEY (id, reviewer)
) STRICT, WITHOUT ROWID;
CREATE INDEX opinions_by_time ON opinions (given_ms, reviewer, label);
INSERT INTO opinions
SELECT id, labelled_by, label, note, labelled_ms, lease FROM items WHERE label IS NOT NULL;

-- Append-only.
CREATE TABLE events (
  n      INTEGER PRIMARY KEY AUTOINCREMENT,
  id     TEXT NOT NULL REFERENCES items (id),
  at_ms  INTEGER NOT NULL,
  act    TEXT NOT NULL,
  who    TEXT,
  detail TEXT
) STRICT;
CREATE INDEX events_by_item ON events (id, n);
INSERT INTO events (id, at_ms, act, who, detail)
SELECT id, labelled_ms, 'labelled', labelled_by, label FROM items
WHERE label IS NOT NULL ORDER BY labelled_ms, id;

-- One row per final label, the machine's or the person's, in the order of export once it has a place there.
CREATE TABLE labels (
  id          TEXT PRIMARY KEY REFERENCES predictions (id),
  decided_ms  INTEGER NOT NULL,
  place       INTEGER,
  exported_ms INTEGER,
  CHECK ((place IS NULL) = (exported_ms IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX labels_by_place ON labels (place) WHERE place IS NOT NULL;
CREATE INDEX labels_without_place   ON labels (decided_ms, id) WHERE place IS NULL;
INSERT INTO labels (id, decided_ms) SELECT id, created_ms FROM predictions WHERE decision = 'auto';
INSERT INTO labels (id, decided_ms) SELECT id, labelled_ms FROM items WHERE label IS NOT NULL;

CREATE TABLE items_with_outcome (
  id               TEXT PRIMARY KEY REFERENCES predictions (id),
  model_digest     TEXT NOT NULL,
  rank             REAL NOT NULL,
  created_ms       INTEGER NOT NULL,
  agree            INTEGER NOT NULL CHECK (agree >= 1),
  most             INTEGER NOT NULL CHECK (most >= agree),
  -- Whether the next answer decides alone: a lead has reopened a disputed item.
  settles          INTEGER NOT NULL DEFAULT 0,
  has_image        INTEGER NOT NULL,
  lease            TEXT,
  reviewer         TEXT,
  lease_expires_ms INTEGER,
  claims           INTEGER NOT NULL DEFAULT 0,
  assigned_to      TEXT,
  outcome          TEXT NOT NULL DEFAULT 'open'
    CHECK (outcome IN ('open', 'labelled', 'discarded', 'disputed')),
  label            TEXT,
  decided_by       TEXT,
  decided_ms       INTEGER,
  note             TEXT,
  CHECK ((lease IS NULL) = (reviewer IS NULL) AND (lease IS NULL) = (lease_expires_ms IS NULL)),
  CHECK (lease IS NULL OR outcome = 'open'),
  CHECK ((outcome = 'open') = (decided_by IS NULL) AND (outcome = 'open') = (decided_ms IS NULL)),
  CHECK ((outcome = 'labelled') = (label IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO items_with_outcome
SELECT id, model_digest, rank, created_ms, 1, 1, 0, EXISTS (SELECT 1 FROM images WHERE images.id = items.id),
  iif(label IS NULL, lease, NULL), iif(label IS NULL, reviewer, NULL),
  iif(label IS NULL, lease_expires_ms, NULL),
  claims, NULL, iif(label IS NULL, 'open', 'labelled'), label, labelled_by, labelled_ms, note
FROM items;
DROP TABLE items;
ALTER TABLE items_with_outcome RENAME TO items;

-- Those that a claim or a list walks end with what the walk tests, which makes them covering.
CREATE INDEX items_by_rank    ON items (outcome, rank, created_ms, id, lease_expires_ms);
CREATE INDEX items_by_created ON items (outcome, created_ms, id, lease_expires_ms);
CREATE INDEX items_waiting    ON items (model_digest, rank, created_ms, id, lease_expires_ms)
  WHERE outcome = 'open' AND assigned_to IS NULL;
CREATE INDEX items_assigned   ON items (model_digest, rank, created_ms, id, assigned_to, lease_expires_ms)
  WHERE outcome = 'open' AND assigned_to IS NOT NULL;
CREATE INDEX items_leased     ON items (lease_expires_ms, rank, created_ms, id)
  WHERE outcome = 'open' AND lease_expires_ms IS NOT NULL;
CREATE INDEX items_label_by_rank    ON items (label, rank, created_ms, id) WHERE label IS NOT NULL;
CREATE INDEX items_label_by_created ON items (label, created_ms, id)       WHERE label IS NOT NULL;
CREATE INDEX items_with_old_image   ON items (decided_ms, id)
  WHERE has_image = 1 AND outcome IN ('labelled', 'discarded');

CREATE TABLE reasons_with_outcome (
  id         TEXT NOT NULL REFERENCES items (id),
  reason     TEXT NOT NULL,
  outcome    TEXT NOT NULL DEFAULT 'open',
  rank       REAL NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (id, reason)
) STRICT, WITHOUT ROWID;
INSERT INTO reasons_with_outcome
SELECT id, reason, iif(labelled = 1, 'labelled', 'open'), rank, created_ms FROM item_reasons;
DROP TABLE item_reasons;
ALTER TABLE reasons_with_outcome RENAME TO item_reasons;
CREATE INDEX item_reasons_by_rank    ON item_reasons (reason, outcome, rank, created_ms, id);
CREATE INDEX item_reasons_by_created ON item_reasons (reason, outcome, created_ms, id);

ALTER TABLE totals ADD COLUMN discarded INTEGER NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN disputed  INTEGER NOT NULL DEFAULT 0;

CREATE TRIGGER item_recorded AFTER INSERT ON items BEGIN
  UPDATE totals SET items = items + 1;
END;

-- What follows from an outcome, so that no way of writing one can forget it.
CREATE TRIGGER item_decided AFTER UPDATE OF outcome ON items WHEN OLD.outcome <> NEW.outcome BEGIN
  UPDATE totals SET
    labelled  = labelled  + (NEW.outcome = 'labelled')  - (OLD.outcome = 'labelled'),
    discarded = discarded + (NEW.outcome = 'discarded') - (OLD.outcome = 'discarded'),
    disputed  = disputed  + (NEW.outcome = 'disputed')  - (OLD.outcome = 'disputed');
  UPDATE item_reasons SET outcome = NEW.outcome WHERE id = NEW.id;
  DELETE FROM skips WHERE id = NEW.id;
  DELETE FROM labels WHERE id = OLD.id AND OLD.outcome = 'labelled';
  INSERT INTO labels (id, decided_ms) SELECT NEW.id, NEW.decided_ms WHERE NEW.outcome = 'labelled';
END;
