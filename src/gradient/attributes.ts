import type { ForwardNode } from './forward.ts';

/** An integer attribute of `node`, or `otherwise` where it has none. */
export function intOf(node: ForwardNode, name: string, otherwise: number): number {
  const attribute = node.attributes[name];
  return attribute ? Number(attribute.i) : otherwise;
}

/** A float attribute of `node`, or `otherwise` where it has none. */
export function floatOf(node: ForwardNode, name: string, otherwise: number): number {
  const attribute = node.attributes[name];
  return attribute ? attribute.f : otherwise;
}

/** A text attribute of `node`, or `otherwise` where it has none. */
export function textOf(node: ForwardNode, name: string, otherwise: string): string {
  const attribute = node.attributes[name];
  return attribute ? Buffer.from(attribute.s).toString() : otherwise;
}

/** A list of integers of `node`, or null where it has none. */
export function intsOf(node: ForwardNode, name: string): readonly number[] | null {
  return node.attributes[name]?.ints.map(Number) ?? null;
}
