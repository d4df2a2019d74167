import type { Signal } from './signal.ts';

export const logSensitivity: Signal = {
  meaning: 'norm of the gradient of the label’s log-probability, ‖∂ log p_ŷ/∂x‖, per unit of pixel intensity',
  safe: 'low',
  isNorm: true,
  needs: ['direction'],
  of: (measured) => measured.logSensitivity,
};
