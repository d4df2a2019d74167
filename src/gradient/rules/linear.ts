import { floatOf, intOf } from '../attributes.ts';
import { reshapeTo, sumTo } from '../backward-steps.ts';
import type { Rule } from '../rule.ts';
import type { Tape } from '../tape.ts';
import { UnsupportedError } from '../unsupported.ts';

/** Y = α·A·B + β·C with A and B transposed or not: ∂/∂A is α·G·Bᵀ, ∂/∂C is β·G. */
export const gemm: Rule = (node, gradient, tape) => {
  const [a, b, c] = node.inputs as [string, string, string | undefined];
  if (tape.isActive(b)) {
    throw new UnsupportedError('operator Gemm has no gradient rule for weights that depend on the input');
  }
  const transB = 1 - intOf(node, 'transB', 0);
  const alpha = { float: floatOf(node, 'alpha', 1) };
  const beta = floatOf(node, 'beta', 1);
  const toA = (): string =>
    intOf(node, 'transA', 0)
      ? tape.op('Gemm', [b, gradient, tape.number(0)], { alpha, transA: 1 - transB, transB: 1 })
      : tape.op('Gemm', [gradient, b, tape.number(0)], { alpha, transB });
  const toC = (): string => {
    const scaled = beta === 1 ? gradient : tape.op('Mul', [gradient, tape.number(beta)]);
    return sumTo(tape, scaled, tape.shapeOf(node.outputs[0]!), tape.shapeOf(c!));
  };
  return [tape.isActive(a) ? toA() : null, null, c && tape.isActive(c) ? toC() : null];
};

/** Y = A·B over the last two axes, the others broadcast: G·Bᵀ and Aᵀ·G. */
export const matMul: Rule = (node, gradient, tape) => {
  const [a, b] = node.inputs as [string, string];
  if (tape.shapeOf(a).length < 2 || tape.shapeOf(b).length < 2) {
    throw new UnsupportedError('operator MatMul has no gradient rule for a vector');
  }
  const product = (left: string, right: string, to: string): string => {
    const name = tape.op('MatMul', [left, right]);
    const rows = tape.shapeOf(node.outputs[0]!).slice(0, -2);
    const own = tape.shapeOf(to);
    return sumTo(tape, name, [...rows, ...own.slice(-2)], own);
  };
  return [
    tape.isActive(a) ? product(gradient, turned(tape, b), a) : null,
    tape.isActive(b) ? product(turned(tape, a), gradient, b) : null,
  ];
};

function turned(tape: Tape, value: string): string {
  const rank = tape.shapeOf(value).length;
  const order = Array.from({ length: rank }, (_, axis) => axis);
  return tape.op('Transpose', [value], { perm: [...order.slice(0, -2), rank - 1, rank - 2] });
}

/** y = γ(x − μ)/√(σ² + ε) + β with constants per channel: γ/√(σ² + ε). */
export const batchNormalization: Rule = (node, gradient, tape) => {
  const [x, scale, , , variance] = node.inputs as [string, string, string, string, string];
  if (intOf(node, 'training_mode', 0)) {
    throw new UnsupportedError('operator BatchNormalization has no gradient rule in training mode');
  }
  const epsilon = tape.number(floatOf(node, 'epsilon', 1e-5));
  const factor = tape.op('Div', [scale, tape.op('Sqrt', [tape.op('Add', [variance, epsilon])])]);
  const perChannel = tape.shapeOf(x).map((_, axis) => (axis === 1 ? tape.shapeOf(scale)[0]! : 1));
  return [tape.op('Mul', [gradient, reshapeTo(tape, factor, tape.shapeOf(scale), perChannel)])];
};
