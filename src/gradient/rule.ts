import type { ForwardNode } from './forward.ts';
import type { Tape } from './tape.ts';

/**
 * Appends the backward nodes of one operator.
 *
 * @param gradient With respect to the node's first output, in its shape.
 * @returns For each input the gradient with respect to it, in its shape; null or nothing where there is none
 * or where the input does not depend on the model's.
 * @throws UnsupportedError for a form of the operator that the rule does not cover.
 */
export type Rule = (node: ForwardNode, gradient: string, tape: Tape) => readonly (string | null)[];
