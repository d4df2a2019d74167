-- An item has an id of its own. One by reason has that of the first prediction it is about, and may be about
-- several of the same pixels; an audit has an id of the moment at which it enters the queue, so that neither
-- its id nor its time tells when its prediction was made.
ALTER TABLE predictions ADD COLUMN caller TEXT NOT NULL DEFAULT '';
-- The item that decides the prediction; null while there is none.
ALTER TABLE predictions ADD COLUMN item_id TEXT;
UPDATE predictions SET item_id = id WHERE EXISTS (SELECT 1 FROM items WHERE items.id = predictions.id);
CREATE INDEX predictions_by_item ON predictions (item_id) WHERE item_id IS NOT NULL;

CREATE TABLE items_apart (
  id                    TEXT PRIMARY KEY,
  -- Whose image the item shows.
  prediction_id         TEXT NOT NULL REFERENCES predictions (id),
  model_digest          TEXT NOT NULL,
  rank                  REAL NOT NULL,
  created_ms            INTEGER NOT NULL,
  -- Null: those of the prediction.
  reasons               TEXT CHECK (json_valid(reasons)),
  -- With which it was drawn for an audit; null for what is in review by reason, and for nothing else.
  inclusion_probability REAL CHECK (inclusion_probability BETWEEN 0 AND 1),
  -- Among whose open items it counts; null for an audit.
  caller                TEXT,
  -- Further predictions of the same pixels, model and gate are of this item while it is not decided; null
  -- where they shall not be. SHA-256 of the three, hex.
  same_key              TEXT,
  agree                 INTEGER NOT NULL CHECK (agree >= 1),
  most                  INTEGER NOT NULL CHECK (most >= agree),
  -- Whether the next answer decides alone: a lead has reopened a disputed item.
  settles               INTEGER NOT NULL DEFAULT 0,
  has_image             INTEGER NOT NULL,
  lease                 TEXT,
  reviewer              TEXT,
  lease_expires_ms      INTEGER,
  claims                INTEGER NOT NULL DEFAULT 0,
  assigned_to           TEXT,
  outcome               TEXT NOT NULL DEFAULT 'open'
    CHECK (outcome IN ('open', 'labelled', 'discarded', 'disputed')),
  label                 TEXT,
  decided_by            TEXT,
  decided_ms            INTEGER,
  note                  TEXT,
  CHECK ((lease IS NULL) = (reviewer IS NULL) AND (lease IS NULL) = (lease_expires_ms IS NULL)),
  CHECK (lease IS NULL OR outcome = 'open'),
  CHECK ((outcome = 'open') = (decided_by IS NULL) AND (outcome = 'open') = (decided_ms IS NULL)),
  CHECK ((outcome = 'labelled') = (label IS NOT NULL))
) STRICT, WITHOUT ROWID;
-- What has no sensitivity came before all others, and comes behind them now.
INSERT INTO items_apart
SELECT i.id, i.id, i.model_digest,
  iif(i.rank <= -1.7976931348623157e308, 1.7976931348623157e308, i.rank), i.created_ms, NULL,
  iif(p.decision = 'auto', p.inclusion_probability, NULL), iif(p.decision = 'auto', NULL, ''), NULL,
  agree, most, settles, has_image, lease, reviewer, lease_expires_ms, claims, assigned_to, outcome, label,
  decided_by, decided_ms, note
FROM items i JOIN predictions p ON p.id = i.id;
-- It speaks of the table that goes, and is made again below.
DROP TRIGGER events_stay;
DROP TABLE items;
ALTER TABLE items_apart RENAME TO items;
CREATE TRIGGER events_stay BEFORE UPDATE ON events
WHEN NEW.detail IS NOT NULL OR NEW.n <> OLD.n OR NEW.id <> OLD.id OR NEW.at_ms <> OLD.at_ms
  OR NEW.act <> OLD.act OR NEW.who IS NOT OLD.who OR EXISTS (SELECT 1 FROM items WHERE items.id = OLD.id)
BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;
UPDATE item_reasons SET rank = 1.7976931348623157e308 WHERE rank <= -1.7976931348623157e308;

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
CREATE INDEX items_by_reason_lately ON items (model_digest, created_ms, rank)
  WHERE inclusion_probability IS NULL;
CREATE INDEX items_by_prediction    ON items (prediction_id);
CREATE INDEX items_same ON items (same_key)
  WHERE same_key IS NOT NULL AND outcome IN ('open', 'disputed');

-- One row per final label: of a machine's answer, of each prediction that a person's decides, and of an
-- audit, beside the machine's. Nothing that was exported changes when an audit is labelled.
CREATE TABLE labels_apart (
  id            TEXT PRIMARY KEY,
  -- Null where the label's id is the prediction's; an audit's is its item's.
  prediction_id TEXT REFERENCES predictions (id),
  -- Whose person's label it is; null for the machine's.
  item_id       TEXT REFERENCES items (id),
  decided_ms    INTEGER NOT NULL,
  place         INTEGER,
  exported_ms   INTEGER,
  CHECK ((place IS NULL) = (exported_ms IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO labels_apart
SELECT id, NULL, (SELECT id FROM items WHERE items.id = labels.id), decided_ms, place, exported_ms
FROM labels;
DROP TABLE labels;
ALTER TABLE labels_apart RENAME TO labels;
CREATE UNIQUE INDEX labels_by_place ON labels (place) WHERE place IS NOT NULL;
CREATE INDEX labels_without_place   ON labels (decided_ms, id) WHERE place IS NULL;
CREATE INDEX labels_by_item         ON labels (item_id) WHERE item_id IS NOT NULL;
CREATE INDEX labels_by_prediction   ON labels (prediction_id) WHERE prediction_id IS NOT NULL;

-- Open items by whose prediction made them.
CREATE TABLE open_items (
  caller TEXT PRIMARY KEY,
  items  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO open_items
SELECT caller, count(*) FROM items WHERE outcome = 'open' AND caller IS NOT NULL GROUP BY caller;

-- Automatic answers whose images are kept for a while, drawn for an audit or not. A row is written when the
-- draw is made, and goes when the image is dropped or its audit enters the queue.
CREATE TABLE kept_images (
  id                    TEXT PRIMARY KEY REFERENCES predictions (id),
  kept_ms               INTEGER NOT NULL,
  bytes                 INTEGER NOT NULL,
  -- Of having been drawn in all draws so far.
  inclusion_probability REAL NOT NULL CHECK (inclusion_probability BETWEEN 0 AND 1),
  -- When the audit enters the queue; null where it was not drawn.
  due_ms                INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_images_by_age     ON kept_images (kept_ms, id, bytes) WHERE due_ms IS NULL;
CREATE INDEX kept_images_due        ON kept_images (due_ms, id) WHERE due_ms IS NOT NULL;
ALTER TABLE totals ADD COLUMN kept_images INTEGER NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN kept_bytes  INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER image_kept AFTER INSERT ON kept_images BEGIN
  UPDATE totals SET kept_images = kept_images + 1, kept_bytes = kept_bytes + NEW.bytes;
END;
CREATE TRIGGER image_not_kept AFTER DELETE ON kept_images BEGIN
  UPDATE totals SET kept_images = kept_images - 1, kept_bytes = kept_bytes - OLD.bytes;
END;

CREATE TRIGGER item_recorded AFTER INSERT ON items BEGIN
  UPDATE totals SET items = items + 1;
  INSERT INTO open_items (caller, items) SELECT NEW.caller, 1 WHERE NEW.caller IS NOT NULL
  ON CONFLICT (caller) DO UPDATE SET items = items + 1;
END;

-- What follows from an outcome, so that no way of writing one can forget it.
CREATE TRIGGER item_decided AFTER UPDATE OF outcome ON items WHEN OLD.outcome <> NEW.outcome BEGIN
  UPDATE totals SET
    labelled  = labelled  + (NEW.outcome = 'labelled')  - (OLD.outcome = 'labelled'),
    discarded = discarded + (NEW.outcome = 'discarded') - (OLD.outcome = 'discarded'),
    disputed  = disputed  + (NEW.outcome = 'disputed')  - (OLD.outcome = 'disputed');
  UPDATE open_items SET items = items + (NEW.outcome = 'open') - (OLD.outcome = 'open')
  WHERE caller = NEW.caller;
  UPDATE item_reasons SET outcome = NEW.outcome WHERE id = NEW.id;
  DELETE FROM skips WHERE id = NEW.id;
  DELETE FROM labels WHERE item_id = OLD.id AND OLD.outcome = 'labelled';
  INSERT INTO labels (id, prediction_id, item_id, decided_ms)
  SELECT iif(p.decision = 'auto', NEW.id, p.id), iif(p.decision = 'auto' AND p.id <> NEW.id, p.id, NULL),
    NEW.id, NEW.decided_ms
  FROM predictions p WHERE p.item_id = NEW.id AND NEW.outcome = 'labelled';
END;

CREATE TRIGGER opinions_decided AFTER UPDATE OF outcome ON items WHEN OLD.outcome <> NEW.outcome BEGIN
  UPDATE opinions SET undecided = NEW.outcome IN ('open', 'disputed')
  WHERE id = NEW.id AND undecided <> (NEW.outcome IN ('open', 'disputed'));
END;
