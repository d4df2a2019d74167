import { createUniform, forkSeed, type Uniform } from '../src/numerics/random.ts';
import { type ReferenceEvent, watchedEvents } from '../src/numerics/sequential/alarm-plan.ts';
import { type ChangeEvidence, createChangeEvidence } from '../src/numerics/sequential/change-evidence.ts';

const SIGNALS = 3;
const TAILS = [0.02, 0.1, 0.3];
const LABELS = 10;
/** Of images like calibration's. */
export const UNFAMILIAR = 0.01;

export interface SimulatedWatch {
  readonly evidence: ChangeEvidence;
  /** Draws one more image: junk, all of it unfamiliar, with probability `junk`, else like calibration's. */
  readonly draw: (junk: number) => void;
}

/**
 * An alarm's evidence with a calibration of `images` images drawn anew: three signals that are uniform and
 * independent, ten labels that are alike frequent, and 1% unfamiliar.
 */
export function simulateWatch(seed: number, images: number): SimulatedWatch {
  const seeds = Uint32Array.of(seed, 7, 8, 9);
  const calibration = createUniform(forkSeed(seeds, 0));
  const uniform = createUniform(forkSeed(seeds, 1));
  const tails = Array.from({ length: SIGNALS }, () => tailsOf(calibration, images)).flat();
  const labels = new Array<number>(LABELS).fill(0);
  let unfamiliar = 0;
  for (let i = 0; i < images; i++) {
    labels[Math.floor(calibration() * LABELS)]!++;
    if (calibration() < UNFAMILIAR) unfamiliar++;
  }
  const references: readonly ReferenceEvent[] = [
    { beyond: unfamiliar, weight: 0.5 },
    ...tails.map(({ beyond }) => ({ beyond, weight: 0.25 / tails.length })),
    ...labels.map((beyond) => ({ beyond, weight: 0.25 / LABELS })),
  ];
  const evidence = createChangeEvidence(watchedEvents(images, references));
  const signals = new Float64Array(SIGNALS);
  const perSignal = 2 * TAILS.length;
  let label = 0;
  let isUnfamiliar = false;
  const happened = (event: number): boolean => {
    if (event === 0) return isUnfamiliar;
    if (event > tails.length) return event - tails.length - 1 === label;
    const { isUpper, cut } = tails[event - 1]!;
    const value = signals[Math.floor((event - 1) / perSignal)]!;
    return isUpper ? value > cut : value < cut;
  };
  return {
    evidence,
    draw: (junk) => {
      for (let i = 0; i < SIGNALS; i++) signals[i] = uniform();
      label = Math.floor(uniform() * LABELS);
      isUnfamiliar = uniform() < junk + (1 - junk) * UNFAMILIAR;
      evidence.observe(happened, evidence.images);
    },
  };
}

function tailsOf(uniform: Uniform, images: number): { isUpper: boolean; cut: number; beyond: number }[] {
  const sorted = Float64Array.from({ length: images }, uniform).sort();
  return TAILS.flatMap((share) => {
    const beyond = Math.floor(share * images);
    return [
      { isUpper: true, cut: sorted[images - 1 - beyond]!, beyond },
      { isUpper: false, cut: sorted[beyond]!, beyond },
    ];
  });
}
