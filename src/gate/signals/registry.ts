/**
 * The signals, in one table. A new one is an entry here and the style of its line in
 * study/report/signal-style.ts: what is served, calibrated, compared, drawn and accepted in a gate file
 * follows from them.
 */
import type { CopyName } from '../../numerics/jacobian/copies.ts';
import { logitMargin, normalisedMaxLogit } from './logit-signals.ts';
import type { MeasuredInput } from './measured-input.ts';
import { type RiskModel, riskOf } from './risk-model.ts';
import type { Need, Signal } from './signal.ts';

/** By the name that the signal has in gate files, answers and on the command line. */
export const SIGNALS = {
  sensitivity: {
    meaning: 'norm of the Jacobian of the probabilities, ‖∂p/∂x‖, per unit of pixel intensity',
    safe: 'low',
    isNorm: true,
    needs: [],
    of: (measured) => measured.sensitivity,
  },
  log_sensitivity: {
    meaning:
      'norm of the gradient of the label’s log-probability, ‖∂ log p_ŷ/∂x‖, per unit of pixel intensity',
    safe: 'low',
    isNorm: true,
    needs: ['direction'],
    of: (measured) => measured.logSensitivity,
  },
  transform_sensitivity: {
    meaning:
      'norm of the probabilities’ Jacobian by small image transformations, ‖∂p/∂θ‖, per natural step of each',
    safe: 'low',
    isNorm: true,
    needs: ['transforms'],
    of: ({ transforms }) => transforms?.sensitivity ?? null,
  },
  agreement: {
    meaning:
      'mean probability of the predicted class over slightly moved, turned and blurred copies of the image',
    safe: 'high',
    isNorm: false,
    needs: ['transforms'],
    of: ({ transforms }) => transforms?.agreement ?? null,
  },
  confidence: {
    meaning: 'probability of the predicted class (max-softmax), which every classifier has',
    safe: 'high',
    isNorm: false,
    needs: [],
    of: ({ probabilities, predicted }) => probabilities[predicted]!,
  },
  margin: {
    meaning: 'probability of the predicted class less that of the second',
    safe: 'high',
    isNorm: false,
    needs: [],
    of: ({ probabilities, predicted }) => {
      let second = 0;
      for (const [c, p] of probabilities.entries()) if (c !== predicted && p > second) second = p;
      return probabilities[predicted]! - second;
    },
  },
  entropy: {
    meaning: 'entropy of the probabilities, in nats',
    safe: 'low',
    isNorm: false,
    needs: [],
    of: ({ probabilities }) => {
      let sum = 0;
      for (const p of probabilities) if (p > 0) sum -= p * Math.log(p);
      return sum;
    },
  },
  normalised_logit: {
    meaning: 'largest logit, centred and divided by the 5-norm of the centred logits',
    safe: 'high',
    isNorm: false,
    needs: [],
    of: ({ logits }) => normalisedMaxLogit(logits),
  },
  logit_margin: {
    meaning: 'largest logit less the second',
    safe: 'high',
    isNorm: false,
    needs: [],
    of: ({ logits }) => logitMargin(logits),
  },
  mirror_confidence: {
    meaning: 'mean probability of the predicted class over the image and its mirror image',
    ...meanOver('mirror'),
  },
  shift_confidence: {
    meaning: 'mean probability of the predicted class over the image and a copy moved right by 1/28',
    ...meanOver('shift_right'),
  },
  two_shift_confidence: {
    meaning: 'mean probability of the predicted class over the image and copies moved right and down by 1/28',
    ...meanOver('shift_right', 'shift_down'),
  },
  rotation_confidence: {
    meaning: 'mean probability of the predicted class over the image and a copy turned by 8°',
    ...meanOver('rotation'),
  },
  risk: {
    meaning: 'estimated probability that the label is wrong, a logistic regression on the other signals',
    safe: 'low',
    isNorm: false,
    needs: ['transforms', 'direction', 'risk_model'],
    of: (measured, model) =>
      model === null || measured.transforms === null ? null : riskOf(model, measured),
  },
} satisfies Readonly<Record<string, Signal>>;

/** The mean of p(ŷ) over the input and these copies, of which each is a further pass. */
function meanOver(...copies: CopyName[]): Omit<Signal, 'meaning'> {
  return {
    safe: 'high',
    isNorm: false,
    needs: [],
    copies,
    of: ({ probabilities, predicted, copies: measured }) => {
      let sum = probabilities[predicted]!;
      for (const name of copies) {
        const confidence = measured?.[name];
        if (confidence === undefined) return null;
        sum += confidence;
      }
      return sum / (1 + copies.length);
    },
  };
}

export type SignalName = keyof typeof SIGNALS;

export const SIGNAL_NAMES = Object.keys(SIGNALS) as readonly SignalName[];

/** The values of the signals that were measured. */
export type SignalValues = Readonly<Partial<Record<SignalName, number>>>;

/**
 * The signals of one measured input.
 *
 * @param risk Null where the gate has no model of it.
 */
export function signalsOf(measured: MeasuredInput, risk: RiskModel | null): SignalValues {
  return Object.fromEntries(
    SIGNAL_NAMES.flatMap((name) => {
      const value = SIGNALS[name].of(measured, risk);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** The copies over which the signal is a mean; none for every other. */
export function copiesOf(name: SignalName): readonly CopyName[] {
  const { copies = [] }: Signal = SIGNALS[name];
  return copies;
}

export function needs(name: SignalName, need: Need): boolean {
  const { needs: all }: Signal = SIGNALS[name];
  return all.includes(need);
}

/** The signal turned so that more means more reason to ask a person. Turns a score back as well. */
export function reviewScore(name: SignalName, value: number): number {
  return SIGNALS[name].safe === 'high' ? -value : value;
}
