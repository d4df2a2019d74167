import { AUDIT_TRAIL_SCHEMA } from './audit-trail-schema.ts';

/**
 * The schema, as the steps that lead to it: number n brings a database from version n to n + 1.
 *
 * A step that was ever released is never edited; a change is a new step at the end.
 */
export const migrations: readonly string[] = [
  `
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

  -- Open items and labelled ones have indexes of their own, so that a claim never walks over what is done. Those
  -- of open items end with what a walk tests, which makes them covering: passing over 10,000 leased items takes
  -- 0.3 ms with it and 23 ms without.
  CREATE INDEX items_open_by_rank    ON items (rank, created_ms, id, label, lease_expires_ms) WHERE label IS NULL;
  CREATE INDEX items_open_by_created ON items (created_ms, id, label, lease_expires_ms)       WHERE label IS NULL;
  CREATE INDEX items_leased
    ON items (lease_expires_ms, rank, created_ms, id, label) WHERE label IS NULL AND lease_expires_ms IS NOT NULL;
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
  `,
  `
  -- A claim takes the items of one model only. The digest stands in the items, too, so that those of another model
  -- are no walk: one file may hold a million of them.
  ALTER TABLE items ADD COLUMN model_digest TEXT NOT NULL DEFAULT '';
  UPDATE items SET model_digest = (SELECT model_digest FROM predictions p WHERE p.id = items.id);
  CREATE INDEX items_open_by_model
    ON items (model_digest, rank, created_ms, id, label, lease_expires_ms) WHERE label IS NULL;
  `,
  `
  -- Opinions, outcomes beside the label, assignments, history, export. Tables whose checks change are made anew.
  ALTER TABLE predictions ADD COLUMN inclusion_probability REAL NOT NULL DEFAULT 1
    CHECK (inclusion_probability BETWEEN 0 AND 1);
  UPDATE predictions SET inclusion_probability = 0 WHERE decision = 'auto';
  CREATE INDEX predictions_auto ON predictions (model_digest, gate_id, created_ms) WHERE decision = 'auto';

  -- What each person said, while it stands. A null label: the image is unusable. The lease tells a repeated call.
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
  INSERT INTO opinions SELECT id, labelled_by, label, note, labelled_ms, lease FROM items WHERE label IS NOT NULL;

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
  SELECT id, labelled_ms, 'labelled', labelled_by, label FROM items WHERE label IS NOT NULL ORDER BY labelled_ms, id;

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
    outcome          TEXT NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'labelled', 'discarded', 'disputed')),
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
    iif(label IS NULL, lease, NULL), iif(label IS NULL, reviewer, NULL), iif(label IS NULL, lease_expires_ms, NULL),
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
  `,

  // What a reviewer may see of items on which others are still asked, and counts of decisions by day.
  `
  -- Whether the item is still open or disputed, so that those which a reviewer has answered are found without a walk.
  ALTER TABLE opinions ADD COLUMN undecided INTEGER NOT NULL DEFAULT 1;
  UPDATE opinions SET undecided = 0
  WHERE EXISTS (SELECT 1 FROM items WHERE items.id = opinions.id AND outcome IN ('labelled', 'discarded'));
  CREATE INDEX opinions_undecided ON opinions (reviewer, id, label) WHERE undecided = 1;
  CREATE TRIGGER opinions_decided AFTER UPDATE OF outcome ON items WHEN OLD.outcome <> NEW.outcome BEGIN
    UPDATE opinions SET undecided = NEW.outcome IN ('open', 'disputed')
    WHERE id = NEW.id AND undecided <> (NEW.outcome IN ('open', 'disputed'));
  END;

  CREATE INDEX predictions_flagged ON predictions (model_digest, gate_id, created_ms) WHERE decision = 'review';
  `,

  // Idempotency keys.
  `
  -- ids: JSON array of the predictions that were recorded for the request, in their order.
  CREATE TABLE idempotency_keys (
    caller      TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    ids         TEXT NOT NULL,
    recorded_ms INTEGER NOT NULL,
    PRIMARY KEY (caller, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_keys_by_time ON idempotency_keys (recorded_ms);
  `,
  AUDIT_TRAIL_SCHEMA,
];
