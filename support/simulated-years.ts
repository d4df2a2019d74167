import { type Uniform } from '../src/numerics/random.ts';
import { createChangeTest, type ChangeTest, provesChange } from '../src/numerics/sequential/change-test.ts';

/** Audits of a service that is looked at after each of them. */
export interface AuditedYear {
  readonly promised: number;
  readonly limit: number;
}

/** Whether `labels` of a gate whose error rate is `risk` prove at some time that its promise is broken. */
export function provenWithin(
  { promised, limit }: AuditedYear,
  risk: number,
  labels: number,
  uniform: Uniform,
): boolean {
  return labelsUntilProof(createChangeTest(promised), limit, risk, labels, uniform) !== null;
}

/** Labels after `good` of half the promised rate until `multiple` times it is proven; null if never. */
export function labelsToFind(
  { promised, limit }: AuditedYear,
  good: number,
  multiple: number,
  uniform: Uniform,
): number | null {
  const test = createChangeTest(promised);
  for (let i = 0; i < good; i++) test.observe(uniform() < promised / 2);
  return labelsUntilProof(test, limit, promised * multiple, 100_000, uniform);
}

function labelsUntilProof(
  test: ChangeTest,
  limit: number,
  risk: number,
  most: number,
  uniform: Uniform,
): number | null {
  for (let i = 1; i <= most; i++) {
    test.observe(uniform() < risk);
    if (provesChange(test.state, limit)) return i;
  }
  return null;
}
