import type { PullBack } from '../numerics/jacobian/classifier.ts';
import { GradientError } from '../gradient/gradient-error.ts';
import { type GradientGraph, gradientGraphOf } from '../gradient/graph.ts';
import {
  type GradientSession,
  type GradientSessionOptions,
  openGradientSession,
} from '../gradient/session.ts';
import type { Ceilings } from '../gradient/tape.ts';
import type { Model } from './load.ts';
import { ModelError } from './model-error.ts';

/** The model's gradients, run by ONNX Runtime; or why there are none. */
export type Gradients =
  | { readonly pullBack: PullBack; readonly release: () => Promise<void> }
  | { readonly pullBack: null; readonly reason: string };

export interface GradientOptions extends GradientSessionOptions {
  readonly ceilings: Ceilings;
}

/**
 * Builds the gradient graph of the model and opens it. A model with an operator that has no gradient rule is
 * served without.
 *
 * @throws ModelError `unreadable_graph` where ONNX Runtime refuses the gradient graph
 */
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
  const session = await openSessionOf(graph, options);
  return {
    pullBack: (inputs, cotangents, count) => session.gradient(inputs, cotangents, count),
    release: () => session.release(),
  };
}

async function openSessionOf(graph: GradientGraph, options: GradientOptions): Promise<GradientSession> {
  try {
    return await openGradientSession(graph, options);
  } catch (error) {
    if (error instanceof GradientError)
      throw new ModelError('unreadable_graph', error.message, { cause: error });
    throw error;
  }
}
