import type { Signal } from './signal.ts';

export const sensitivity: Signal = {
  meaning: 'norm of the Jacobian of the probabilities, ‖∂p/∂x‖, per unit of pixel intensity',
  safe: 'low',
  isNorm: true,
  needs: [],
  of: (measured) => measured.sensitivity,
};
