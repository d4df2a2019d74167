import type { Signal } from './signal.ts';

export const margin: Signal = {
  meaning: 'probability of the predicted class less that of the second',
  safe: 'high',
  isNorm: false,
  needs: [],
  of: ({ probabilities, predicted }) => {
    let second = 0;
    for (const [c, p] of probabilities.entries()) if (c !== predicted && p > second) second = p;
    return probabilities[predicted]! - second;
  },
};
