import type { Signal } from './signal.ts';

export const confidence: Signal = {
  meaning: 'probability of the predicted class (max-softmax), which every classifier has',
  safe: 'high',
  isNorm: false,
  needs: [],
  of: ({ probabilities, predicted }) => probabilities[predicted]!,
};
