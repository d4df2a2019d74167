import type { PullBack } from '../numerics/jacobian/classifier.ts';
import { gradientGraphOf } from '../gradient/graph.ts';
import { type GradientSessionOptions, openGradientSession } from '../gradient/session.ts';
import type { Ceilings } from '../gradient/tape.ts';
import type { Model } from './load.ts';

/** The model's gradients, run by ONNX Runtime; or why there are none. */
export type Gradients =
  | { readonly pullBack: PullBack; readonly release: () => Promise<void> }
  | { readonly pullBack: null; readonly reason: string };

export interface GradientOptions extends GradientSessionOptions {
  readonly ceilings: Ceilings;
}

/** Builds the gradient graph of the model and opens it. A model with an operator that it does not know is served without. */
export async function openGradients(model: Model, options: GradientOptions): Promise<Gradients> {
  if (model.output.logits === 'logarithm') {
    return {
      pullBack: null,
      reason: `output "${model.output.name}" holds probabilities without a Softmax before them`,
    };
  }
  const graph = await gradientGraphOf(
    model.onnx,
    model.manifest.input.name,
    model.output.name,
    options.ceilings,
  );
  if ('unsupported' in graph) return { pullBack: null, reason: graph.unsupported };
  const session = await openGradientSession(graph, options);
  return {
    pullBack: (inputs, cotangents, count) => session.gradient(inputs, cotangents, count),
    release: () => session.release(),
  };
}
