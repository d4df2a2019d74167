import type { Signal } from './signal.ts';

export const agreement: Signal = {
  meaning:
    'mean probability of the predicted class over slightly moved, turned and blurred copies of the image',
  safe: 'high',
  isNorm: false,
  needs: ['transforms'],
  of: ({ transforms }) => transforms?.agreement ?? null,
};
