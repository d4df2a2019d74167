-- Every answered input. The wide columns (answer) live here, so that scans of items never pass over them.
-- The answer is json, not jsonb, which would refuse some texts and order members anew.
CREATE TABLE predictions (
  id                    text COLLATE "C" PRIMARY KEY,
  created_ms            bigint NOT NULL,
  input_hash            text NOT NULL,
  model_digest          text COLLATE "C" NOT NULL,
  gate_id               text COLLATE "C",
  decision              text NOT NULL CHECK (decision IN ('auto', 'review')),
  reasons               text[] NOT NULL,
  inclusion_probability double precision NOT NULL CHECK (inclusion_probability BETWEEN 0 AND 1),
  predicted_label       text COLLATE "C",
  priority              double precision NOT NULL CHECK (abs(priority) <= 1.7976931348623157e308),
  answer                json NOT NULL
);
CREATE INDEX predictions_auto ON predictions (model_digest, gate_id, created_ms) WHERE decision = 'auto';

-- Original bytes, compressed already, in a table of their own.
CREATE TABLE images (
  id           text COLLATE "C" PRIMARY KEY REFERENCES predictions (id),
  content_type text NOT NULL,
  bytes        bytea NOT NULL
);
ALTER TABLE images ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- The review side of a prediction. rank is −priority: with it the order of review ascends in every column
-- (rank, created_ms, id), which lets one row comparison continue a page from the middle of an index.
--
-- answered repeats who has an opinion that stands: a claim that waited for a row looks at its latest
-- version, and at other tables as they were before.
CREATE TABLE items (
  id               text COLLATE "C" PRIMARY KEY REFERENCES predictions (id),
  model_digest     text COLLATE "C" NOT NULL,
  rank             double precision NOT NULL,
  created_ms       bigint NOT NULL,
  agree            int NOT NULL CHECK (agree >= 1),
  most             int NOT NULL CHECK (most >= agree),
  settles          boolean NOT NULL DEFAULT false,
  has_image        boolean NOT NULL,
  lease            text,
  reviewer         text COLLATE "C",
  lease_expires_ms bigint,
  claims           int NOT NULL DEFAULT 0,
  assigned_to      text COLLATE "C",
  answered         text[] NOT NULL DEFAULT '{}',
  outcome          text COLLATE "C" NOT NULL DEFAULT 'open'
    CHECK (outcome IN ('open', 'labelled', 'discarded', 'disputed')),
  label            text COLLATE "C",
  decided_by       text,
  decided_ms       bigint,
  note             text,
  -- The model for which a claim may take it, apart by whether it is assigned. With columns of their own the
  -- planner has but one index to choose; by outcome and model it would walk all models in order, where one
  -- holds most items.
  waiting_model    text COLLATE "C" GENERATED ALWAYS AS
    (CASE WHEN outcome = 'open' AND assigned_to IS NULL THEN model_digest END) STORED,
  assigned_model   text COLLATE "C" GENERATED ALWAYS AS
    (CASE WHEN outcome = 'open' AND assigned_to IS NOT NULL THEN model_digest END) STORED,
  CHECK ((lease IS NULL) = (reviewer IS NULL) AND (lease IS NULL) = (lease_expires_ms IS NULL)),
  CHECK (lease IS NULL OR outcome = 'open'),
  CHECK ((outcome = 'open') = (decided_by IS NULL) AND (outcome = 'open') = (decided_ms IS NULL)),
  CHECK ((outcome = 'labelled') = (label IS NOT NULL))
-- Every claim leaves a dead version of its row at the very place where the next claim starts to look.
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02);

CREATE INDEX items_by_rank    ON items (outcome, rank, created_ms, id);
CREATE INDEX items_by_created ON items (outcome, created_ms, id);
CREATE INDEX items_waiting    ON items (waiting_model, rank, created_ms, id)  WHERE waiting_model IS NOT NULL;
CREATE INDEX items_assigned   ON items (assigned_model, rank, created_ms, id)
  WHERE assigned_model IS NOT NULL;
CREATE INDEX items_leased     ON items (lease_expires_ms)
  WHERE outcome = 'open' AND lease_expires_ms IS NOT NULL;
CREATE INDEX items_label_by_rank    ON items (label, rank, created_ms, id) WHERE label IS NOT NULL;
CREATE INDEX items_label_by_created ON items (label, created_ms, id)       WHERE label IS NOT NULL;
CREATE INDEX items_with_old_image   ON items (decided_ms, id)
  WHERE has_image AND outcome IN ('labelled', 'discarded');

-- One row per reason of an item, with what lists sort by, so that a rare reason is found without a walk.
CREATE TABLE item_reasons (
  id         text COLLATE "C" NOT NULL REFERENCES items (id),
  reason     text COLLATE "C" NOT NULL,
  outcome    text COLLATE "C" NOT NULL DEFAULT 'open',
  rank       double precision NOT NULL,
  created_ms bigint NOT NULL,
  PRIMARY KEY (id, reason)
);
CREATE INDEX item_reasons_by_rank    ON item_reasons (reason, outcome, rank, created_ms, id);
CREATE INDEX item_reasons_by_created ON item_reasons (reason, outcome, created_ms, id);

-- What each person said, while it stands. A null label: the image is unusable. The lease tells a repeated
-- call.
CREATE TABLE opinions (
  id       text COLLATE "C" NOT NULL REFERENCES items (id),
  reviewer text COLLATE "C" NOT NULL,
  label    text COLLATE "C",
  note     text,
  given_ms bigint NOT NULL,
  lease    text NOT NULL,
  PRIMARY KEY (id, reviewer)
);
CREATE INDEX opinions_by_time ON opinions (given_ms, reviewer, label);

-- Who put which open item behind all others, and when last.
CREATE TABLE skips (
  id         text COLLATE "C" NOT NULL REFERENCES items (id),
  reviewer   text COLLATE "C" NOT NULL,
  skipped_ms bigint NOT NULL,
  PRIMARY KEY (id, reviewer)
);
CREATE INDEX skips_by_reviewer ON skips (reviewer, skipped_ms, id);

-- Append-only.
CREATE TABLE events (
  n      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id     text COLLATE "C" NOT NULL REFERENCES items (id),
  at_ms  bigint NOT NULL,
  act    text NOT NULL,
  who    text,
  detail text
);
CREATE INDEX events_by_item ON events (id, n);

-- One row per final label, the machine's or the person's, in the order of export once it has a place there.
CREATE TABLE labels (
  id          text COLLATE "C" PRIMARY KEY REFERENCES predictions (id),
  decided_ms  bigint NOT NULL,
  place       bigint,
  exported_ms bigint,
  CHECK ((place IS NULL) = (exported_ms IS NULL))
);
CREATE UNIQUE INDEX labels_by_place ON labels (place) WHERE place IS NOT NULL;
CREATE INDEX labels_without_place   ON labels (decided_ms, id) WHERE place IS NULL;

-- Sums to the number of items. Counting a million takes 100 ms, and metrics ask every few seconds; one row
-- would make every label wait for the one before it, so each connection has a row among these.
CREATE TABLE totals (
  part      int PRIMARY KEY,
  items     bigint NOT NULL DEFAULT 0,
  labelled  bigint NOT NULL DEFAULT 0,
  discarded bigint NOT NULL DEFAULT 0,
  disputed  bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
INSERT INTO totals (part) SELECT generate_series(0, 31);

CREATE FUNCTION item_recorded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE totals SET items = items + 1 WHERE part = pg_backend_pid() % 32;
  RETURN NULL;
END $$;
CREATE TRIGGER item_recorded AFTER INSERT ON items FOR EACH ROW EXECUTE FUNCTION item_recorded();

-- What follows from an outcome, so that no way of writing one can forget it.
CREATE FUNCTION item_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE totals SET
    labelled  = labelled  + (NEW.outcome = 'labelled')::int  - (OLD.outcome = 'labelled')::int,
    discarded = discarded + (NEW.outcome = 'discarded')::int - (OLD.outcome = 'discarded')::int,
    disputed  = disputed  + (NEW.outcome = 'disputed')::int  - (OLD.outcome = 'disputed')::int
  WHERE part = pg_backend_pid() % 32;
  UPDATE item_reasons SET outcome = NEW.outcome WHERE id = NEW.id;
  DELETE FROM skips WHERE id = NEW.id;
  IF OLD.outcome = 'labelled' THEN DELETE FROM labels WHERE id = OLD.id; END IF;
  IF NEW.outcome = 'labelled' THEN
    INSERT INTO labels (id, decided_ms) VALUES (NEW.id, NEW.decided_ms);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER item_decided AFTER UPDATE OF outcome ON items
  FOR EACH ROW WHEN (OLD.outcome <> NEW.outcome) EXECUTE FUNCTION item_decided();
