import type { Answer } from './answer.ts';
import type { Inputs } from './inputs.ts';

export interface DecideOptions {
  /** `exact` differences every coordinate; `estimate` (default) uses the gate's directions. */
  readonly method?: 'estimate' | 'exact';
  /** Also measure transform sensitivity and agreement, by the default family where the gate has none. */
  readonly transforms?: boolean;
  /** From the call on; what is not measured by then goes to review. Default: the service's. */
  readonly deadlineMs?: number;
}

/** One request, whichever front it came to. */
export interface DecideRequest {
  readonly inputs: Inputs;
  /** Who asks, by the name that logs and records have. */
  readonly caller: string;
  /** The camera, site or client that all inputs come from, as the caller names it; null or absent without. */
  readonly stream?: string | null;
  /** The name that the caller gave the request, so that it may be sent again; null without one. */
  readonly key: string | null;
  readonly options: DecideOptions;
  /**
   * Told, before `decide` fails, of decoding that goes on after that: whoever counts the inputs' bytes counts
   * them until then.
   */
  readonly onStillDecoding?: (settled: Promise<unknown>) => void;
}

export interface Decided {
  /** In the order of the inputs. */
  readonly answers: readonly Answer[];
  /** Whether they were given before, to the first request with this key. They then have no timing. */
  readonly repeated: boolean;
}

export interface Predictor {
  /**
   * Reads, measures, decides and records each input; resolves when all records are durable. One gate decides
   * them all: the one that was in use when the request came.
   *
   * The request is admitted once, before anything is done for it. One clock, from the call on, bounds
   * reading, waiting and measuring. All inputs are read before the first is measured, so a bad one leaves
   * nothing behind. With a key all are recorded or none, and once: the same request again gets the answers
   * that were given first.
   *
   * @throws ImageError, EngineError, IdempotencyError
   */
  decide(request: DecideRequest): Promise<Decided>;
  /** The answer as it stands now: with the person's label once there is one. */
  find(id: string): Promise<Answer | null>;
  /** PNG of ‖∂p/∂x_i‖ for every pixel of a stored image; null when there is no such image. */
  sensitivityMap(id: string): Promise<Uint8Array | null>;
}
