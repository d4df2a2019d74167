import { CodedError } from '../coded-error.ts';

export type GateErrorCode = 'missing_gate' | 'bad_gate' | 'gate_for_another_model';

/** A gate that decides nothing. The service goes on with every decision `review`, reason `uncalibrated`. */
export class GateError extends CodedError<GateErrorCode> {
  override readonly name = 'GateError';
}
