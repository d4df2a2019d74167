import type { Estimate } from '../../engine/job.ts';

/** A labelled image and what the engine has measured of it. */
export interface MeasuredImage {
  readonly where: string;
  /** SHA-256 of the decoded pixels, hex. */
  readonly hash: string;
  /** Index among the model's labels: the truth. */
  readonly label: number;
  readonly estimate: Estimate;
  /** Whether its file is: then a person decides, whatever the estimate. */
  readonly damaged: boolean;
}

/** Whether the classifier's label is not the image's. */
export function isWrong({ label, estimate }: MeasuredImage): boolean {
  return estimate.predicted !== label;
}
