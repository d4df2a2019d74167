import type { Signal } from './signal.ts';

export const transformSensitivity: Signal = {
  meaning:
    'norm of the probabilities’ Jacobian by small image transformations, ‖∂p/∂θ‖, per natural step of each',
  safe: 'low',
  isNorm: true,
  needs: ['transforms'],
  of: ({ transforms }) => transforms?.sensitivity ?? null,
};
