import fc from 'fast-check';
import type { Finding } from '../../../src/store/opinions.ts';

/** What somebody says of an item. */
export interface Said {
  readonly label: string | null;
  readonly finding: Finding | null;
}

/** Whether it says more than that the image is to be left out. */
const isDecisive = ({ label, finding }: Said): boolean => label !== null || finding !== null;

export const leaseMs = 1000;
export const modelDigests = ['sha256:one', 'sha256:two'] as const;
export const reviewers = ['ada', 'ben', 'cleo', 'dan'] as const;

/** Overlaps of the reasons that items are recorded with. */
export const overlaps = {
  alone: { agree: 1, most: 1 },
  unanimous: { agree: 2, most: 2 },
  majority: { agree: 2, most: 3 },
} as const;

const modelDigest = fc.constantFrom(...modelDigests);
const reviewer = fc.constantFrom(...reviewers);
/** Which of the leases ever given, counted from the latest: mostly current ones, and some long lost. */
const which = fc.nat({ max: 5 });
/** Who shows the lease: its holder where it is null. */
const shownBy = fc.option(reviewer, { freq: 3 });
/** Which item, counted from the latest. */
const item = fc.nat({ max: 4 });

/** A label, what is found instead, or that the image is unusable. */
const said = fc.constantFrom(
  { label: 'Shirt', finding: null },
  { label: 'Coat', finding: null },
  { label: null, finding: 'none_of_these' as const },
  { label: null, finding: 'unreadable' as const },
  { label: null, finding: null },
);

/** Something that may happen to a queue. */
export const step = fc.oneof(
  fc.record({
    act: fc.constant('record'),
    modelDigest,
    priority: fc.constantFrom(0, 1, 2, Number.MAX_VALUE),
    reason: fc.constantFrom('alone', 'unanimous', 'majority'),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('claim'),
      reviewer,
      modelDigest,
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  fc.record({ act: fc.constant('renew'), which, by: shownBy }),
  fc.record({ act: fc.constantFrom('release', 'skip'), which, by: shownBy }),
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('answer'),
      which,
      by: shownBy,
      said,
    }),
  },
  fc.record({ act: fc.constant('undo'), item, reviewer }),
  fc.record({ act: fc.constant('reassign'), item, to: fc.option(reviewer) }),
  fc.record({ act: fc.constant('settle'), item, said: said.filter(isDecisive) }),
  fc.record({ act: fc.constant('export') }),
  fc.record({ act: fc.constant('restart') }),
  fc.record({ act: fc.constant('advance'), ms: fc.constantFrom(1, leaseMs - 1, leaseMs) }),
);

export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
