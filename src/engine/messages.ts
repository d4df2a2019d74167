import type { Measurement } from '../numerics/jacobian/measurement.ts';
import type { SensitivityMap } from '../numerics/jacobian/sensitivity-map.ts';
import type { InputTensor, Pixels } from '../model/preprocess.ts';
import type { Job } from './job.ts';

/** What the engine process is started with, as JSON in its first argument. */
export interface EngineProcessOptions {
  readonly folder: string;
  /** The model must still be the one that the service has checked. */
  readonly digest: string;
  readonly threads: number;
  readonly batchRows: number;
}

export interface Work {
  readonly id: number;
  readonly data: Pixels | InputTensor;
  readonly job: Job;
}

export type ToEngine =
  | { readonly type: 'work'; readonly works: readonly Work[] }
  | { readonly type: 'cancel'; readonly ids: readonly number[] };

/** A measurement as it is sent: its probabilities follow from its logits, where it arrives. */
export type SentMeasurement = Omit<Measurement, 'probabilities'>;

export interface WorkAnswer {
  readonly id: number;
  readonly result: SentMeasurement | SensitivityMap | null;
  readonly failure: 'not_measurable' | null;
  readonly queueMs: number;
  readonly computeMs: number;
}

export type FromEngine =
  | { readonly type: 'ready' }
  | { readonly type: 'unusable'; readonly message: string }
  | {
      readonly type: 'batch';
      readonly rows: number;
      readonly milliseconds: number;
      readonly answers: readonly WorkAnswer[];
    };
