/** The classifier gave NaN or infinity, or did not move at all: there is nothing to measure. */
export class NotMeasurableError extends Error {
  override readonly name = 'NotMeasurableError';
}

/** @throws NotMeasurableError if any logit is NaN or infinite. */
export function requireFinite(logits: Float32Array): void {
  // The difference of a number and itself is zero, of NaN or infinity NaN: no branch for each of 150,000.
  let differences = 0;
  for (let i = 0; i < logits.length; i++) differences += logits[i]! - logits[i]!;
  if (differences === 0) return;
  const wrong = logits.find((value) => !Number.isFinite(value));
  throw new NotMeasurableError(`expected finite logits, got ${wrong}`);
}
