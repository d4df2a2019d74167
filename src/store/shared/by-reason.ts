/** That a row of `items` is no audit; by primary key. An audit has no other reason. */
export const BY_REASON =
  "NOT EXISTS (SELECT 1 FROM item_reasons r WHERE r.id = items.id AND r.reason = 'audit')";
