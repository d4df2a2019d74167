import type { Calibration } from '../src/gate/calibration.ts';

const none = { images: 0, errors: 0, hash: 'none' };

/** Of a gate that nobody calibrated: it proves nothing. */
export const UNPROVEN: Calibration = {
  method: 'coverage',
  target: { risk: null, coverage: 0.5 },
  proven: null,
  fit: none,
  certification: { ...none, accepted: 0, errors_accepted: 0, pointwise_bound: null },
  sensitivity_quantiles: [],
  rank_quantiles: [],
  doubt_quantiles: [],
  parts: [],
  left_out: {},
  data: 'none: the gate of a test',
  created: '2026-01-01T00:00:00Z',
  tool: 'none',
};
