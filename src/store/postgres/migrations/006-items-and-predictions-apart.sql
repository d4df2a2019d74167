-- An item has an id of its own. One by reason has that of the first prediction it is about, and may be about
-- several of the same pixels; an audit has an id of the moment at which it enters the queue, so that neither
-- its id nor its time tells when its prediction was made.
ALTER TABLE predictions ADD COLUMN caller text COLLATE "C" NOT NULL DEFAULT '';
-- The item that decides the prediction; null while there is none.
ALTER TABLE predictions ADD COLUMN item_id text COLLATE "C";
UPDATE predictions SET item_id = items.id FROM items WHERE items.id = predictions.id;
CREATE INDEX predictions_by_item ON predictions (item_id) WHERE item_id IS NOT NULL;

ALTER TABLE items DROP CONSTRAINT items_id_fkey;
-- Whose image the item shows.
ALTER TABLE items ADD COLUMN prediction_id text COLLATE "C" REFERENCES predictions (id);
-- Null: those of the prediction.
ALTER TABLE items ADD COLUMN reasons text[];
-- With which it was drawn for an audit; null for what is in review by reason, and for nothing else.
ALTER TABLE items ADD COLUMN inclusion_probability double precision
  CHECK (inclusion_probability BETWEEN 0 AND 1);
-- Among whose open items it counts; null for an audit.
ALTER TABLE items ADD COLUMN caller text COLLATE "C";
-- Further predictions of the same pixels, model and gate are of this item while it is not decided; null where
-- they shall not be. SHA-256 of the three, hex.
ALTER TABLE items ADD COLUMN same_key text COLLATE "C";
-- What has no sensitivity came before all others, and comes behind them now.
UPDATE items SET prediction_id = items.id,
  rank = CASE WHEN rank <= -1.7976931348623157e308 THEN 1.7976931348623157e308 ELSE rank END,
  inclusion_probability = CASE WHEN p.decision = 'auto' THEN p.inclusion_probability END,
  caller = CASE WHEN p.decision <> 'auto' THEN '' END
FROM predictions p WHERE p.id = items.id;
UPDATE item_reasons SET rank = 1.7976931348623157e308 WHERE rank <= -1.7976931348623157e308;
ALTER TABLE items ALTER COLUMN prediction_id SET NOT NULL;
CREATE INDEX items_by_reason_lately ON items (model_digest, created_ms, rank)
  WHERE inclusion_probability IS NULL;
CREATE INDEX items_by_prediction ON items (prediction_id);
CREATE INDEX items_same ON items (same_key)
  WHERE same_key IS NOT NULL AND outcome IN ('open', 'disputed');

-- One row per final label: of a machine's answer, of each prediction that a person's decides, and of an
-- audit, beside the machine's. Nothing that was exported changes when an audit is labelled.
ALTER TABLE labels DROP CONSTRAINT labels_id_fkey;
-- Null where the label's id is the prediction's; an audit's is its item's.
ALTER TABLE labels ADD COLUMN prediction_id text COLLATE "C" REFERENCES predictions (id);
-- Whose person's label it is; null for the machine's.
ALTER TABLE labels ADD COLUMN item_id text COLLATE "C" REFERENCES items (id);
UPDATE labels SET item_id = items.id FROM items WHERE items.id = labels.id;
CREATE INDEX labels_by_item ON labels (item_id) WHERE item_id IS NOT NULL;
CREATE INDEX labels_by_prediction ON labels (prediction_id) WHERE prediction_id IS NOT NULL;

-- Open items by whose prediction made them. Each connection has a row of its own among those of a caller, so
-- that recordings do not wait for each other.
CREATE TABLE open_items (
  caller text COLLATE "C" NOT NULL,
  part   int NOT NULL,
  items  bigint NOT NULL,
  PRIMARY KEY (caller, part)
) WITH (fillfactor = 50);
INSERT INTO open_items
SELECT caller, 0, count(*) FROM items WHERE outcome = 'open' AND caller IS NOT NULL GROUP BY caller;

-- Automatic answers whose images are kept for a while, drawn for an audit or not. A row is written when the
-- draw is made, and goes when the image is dropped or its audit enters the queue.
CREATE TABLE kept_images (
  id                    text COLLATE "C" PRIMARY KEY REFERENCES predictions (id),
  kept_ms               bigint NOT NULL,
  bytes                 bigint NOT NULL,
  -- Of having been drawn in all draws so far.
  inclusion_probability double precision NOT NULL CHECK (inclusion_probability BETWEEN 0 AND 1),
  -- When the audit enters the queue; null where it was not drawn.
  due_ms                bigint
);
CREATE INDEX kept_images_by_age     ON kept_images (kept_ms, id) INCLUDE (bytes) WHERE due_ms IS NULL;
CREATE INDEX kept_images_due        ON kept_images (due_ms, id) WHERE due_ms IS NOT NULL;
ALTER TABLE totals ADD COLUMN kept_images bigint NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN kept_bytes  bigint NOT NULL DEFAULT 0;
CREATE FUNCTION images_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE totals SET
    kept_images = kept_images + sums.images, kept_bytes = kept_bytes + sums.bytes
  FROM (SELECT count(*) AS images, coalesce(sum(bytes), 0) AS bytes FROM changed) sums
  WHERE part = pg_backend_pid() % 32;
  RETURN NULL;
END $$;
CREATE TRIGGER images_kept AFTER INSERT ON kept_images
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION images_kept();
CREATE FUNCTION images_not_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE totals SET
    kept_images = kept_images - sums.images, kept_bytes = kept_bytes - sums.bytes
  FROM (SELECT count(*) AS images, coalesce(sum(bytes), 0) AS bytes FROM changed) sums
  WHERE part = pg_backend_pid() % 32;
  RETURN NULL;
END $$;
CREATE TRIGGER images_not_kept AFTER DELETE ON kept_images
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION images_not_kept();

-- A predecessor that still runs knows no item apart from its prediction.
CREATE FUNCTION item_of_predecessor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.prediction_id := NEW.id;
  SELECT CASE WHEN decision = 'auto' THEN inclusion_probability END,
    CASE WHEN decision <> 'auto' THEN caller END
  INTO NEW.inclusion_probability, NEW.caller FROM predictions WHERE id = NEW.id;
  RETURN NEW;
END $$;
CREATE TRIGGER item_of_predecessor BEFORE INSERT ON items
  FOR EACH ROW WHEN (NEW.prediction_id IS NULL) EXECUTE FUNCTION item_of_predecessor();

CREATE OR REPLACE FUNCTION item_recorded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE totals SET items = items + 1 WHERE part = pg_backend_pid() % 32;
  IF NEW.caller IS NOT NULL THEN
    INSERT INTO open_items VALUES (NEW.caller, pg_backend_pid() % 32, 1)
    ON CONFLICT (caller, part) DO UPDATE SET items = open_items.items + 1;
  END IF;
  UPDATE predictions SET item_id = NEW.id WHERE id = NEW.prediction_id AND item_id IS NULL;
  RETURN NULL;
END $$;

-- What follows from an outcome, so that no way of writing one can forget it.
CREATE OR REPLACE FUNCTION item_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE totals SET
    labelled  = labelled  + (NEW.outcome = 'labelled')::int  - (OLD.outcome = 'labelled')::int,
    discarded = discarded + (NEW.outcome = 'discarded')::int - (OLD.outcome = 'discarded')::int,
    disputed  = disputed  + (NEW.outcome = 'disputed')::int  - (OLD.outcome = 'disputed')::int
  WHERE part = pg_backend_pid() % 32;
  IF NEW.caller IS NOT NULL AND (NEW.outcome = 'open') <> (OLD.outcome = 'open') THEN
    INSERT INTO open_items
    VALUES (NEW.caller, pg_backend_pid() % 32, (NEW.outcome = 'open')::int - (OLD.outcome = 'open')::int)
    ON CONFLICT (caller, part) DO UPDATE SET items = open_items.items + excluded.items;
  END IF;
  UPDATE item_reasons SET outcome = NEW.outcome WHERE id = NEW.id;
  DELETE FROM skips WHERE id = NEW.id;
  IF OLD.outcome = 'labelled' THEN DELETE FROM labels WHERE item_id = OLD.id; END IF;
  IF NEW.outcome = 'labelled' THEN
    INSERT INTO labels (id, prediction_id, item_id, decided_ms)
    SELECT CASE WHEN p.decision = 'auto' THEN NEW.id ELSE p.id END,
      CASE WHEN p.decision = 'auto' AND p.id <> NEW.id THEN p.id END, NEW.id, NEW.decided_ms
    FROM predictions p WHERE p.item_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
