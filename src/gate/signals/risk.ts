import { riskOf } from './risk-model.ts';
import type { Signal } from './signal.ts';

export const risk: Signal = {
  meaning: 'estimated probability that the label is wrong, a logistic regression on the other signals',
  safe: 'low',
  isNorm: false,
  needs: ['transforms', 'risk_model'],
  of: (measured, model) => (model === null || measured.transforms === null ? null : riskOf(model, measured)),
};
