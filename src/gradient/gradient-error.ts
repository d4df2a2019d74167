import { CodedError } from '../coded-error.ts';

/** A gradient graph that ONNX Runtime does not run, though every operator of the model has a rule. */
export class GradientError extends CodedError<'graph_refused'> {
  override readonly name = 'GradientError';
}
