import type { Signal } from './signal.ts';

export const entropy: Signal = {
  meaning: 'entropy of the probabilities, in nats',
  safe: 'low',
  isNorm: false,
  needs: [],
  of: ({ probabilities }) => {
    let sum = 0;
    for (const p of probabilities) if (p > 0) sum -= p * Math.log(p);
    return sum;
  },
};
