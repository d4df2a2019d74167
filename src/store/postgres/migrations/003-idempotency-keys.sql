-- ids: of the predictions that were recorded for the request, in their order.
CREATE TABLE idempotency_keys (
  caller      text COLLATE "C" NOT NULL,
  key         text COLLATE "C" NOT NULL,
  fingerprint text NOT NULL,
  ids         text[] NOT NULL,
  recorded_ms bigint NOT NULL,
  PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (recorded_ms);
