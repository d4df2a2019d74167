import type { MeasuredOutcomes } from './compose-answer.ts';
import type { RecordedAnswer } from './answer.ts';
import type { WatchedImage } from '../gate/watched-events.ts';

/** What a watch for change is told of an image that a gate has decided. */
export interface DecidedImage extends WatchedImage {
  /** As the caller named it. */
  readonly stream: string | null;
  /** The gate that decided. */
  readonly gateId: string;
}

/**
 * Null where no gate has measured it, and of a damaged file: calibration had none, and what is left of its
 * picture is like nothing.
 */
export function decidedImage(answer: RecordedAnswer, { damage }: MeasuredOutcomes): DecidedImage | null {
  const { gate, prediction, signals, stream, reasons } = answer;
  if (gate === null || prediction === null || damage !== null) return null;
  return {
    ...{ stream, signals },
    gateId: gate.id,
    unfamiliar: reasons.includes('unfamiliar'),
    predicted: prediction.index,
  };
}

/**
 * The answer where its images are no longer like calibration's, so that people get what the gate would label:
 * its reason is that of an image which is unlike them by itself.
 */
export function withoutTrust(answer: RecordedAnswer): RecordedAnswer {
  return answer.decision === 'review'
    ? answer
    : { ...answer, decision: 'review', reasons: ['unfamiliar'], label: null };
}
