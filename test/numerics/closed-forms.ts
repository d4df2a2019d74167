import type { Classifier, PullBack } from '../../src/numerics/jacobian/classifier.ts';
import { createUniform, fillStandardNormal } from '../../src/numerics/random.ts';
import { softmax } from '../../src/numerics/jacobian/softmax.ts';

/** A classifier whose Jacobian is known. All arrays row-major. */
export interface ClosedForm {
  readonly dimension: number;
  readonly classes: number;
  readonly classify: Classifier;
  /** ∂z/∂x at x, (C, D), in float64. */
  readonly logitJacobian: (x: ArrayLike<number>) => Float64Array;
  readonly logits: (x: ArrayLike<number>) => Float64Array;
}

function normalMatrix(rows: number, columns: number, seed: number, scale: number): Float32Array {
  const matrix = new Float32Array(rows * columns);
  fillStandardNormal(matrix, createUniform(Uint32Array.of(seed, 77, 78, 79)));
  return matrix.map((value) => value * scale);
}

function multiply(matrix: ArrayLike<number>, rows: number, x: ArrayLike<number>): Float64Array {
  const columns = matrix.length / rows;
  return Float64Array.from({ length: rows }, (_, r) => {
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += matrix[r * columns + c]! * x[c]!;
    return sum;
  });
}

/** A classifier that evaluates `logits` for each row and rounds to float32, as ONNX Runtime does. */
function rowByRow(dimension: number, classes: number, logits: (x: Float32Array) => Float64Array): Classifier {
  return (inputs, count) => {
    const answers = new Float32Array(count * classes);
    for (let row = 0; row < count; row++) {
      answers.set(logits(inputs.subarray(row * dimension, (row + 1) * dimension)), row * classes);
    }
    return answers;
  };
}

/** z = Wx. */
export function linearSoftmax(dimension: number, classes: number, seed: number, scale = 0.3): ClosedForm {
  const W = normalMatrix(classes, dimension, seed, scale);
  const logits = (x: ArrayLike<number>): Float64Array => multiply(W, classes, x);
  return {
    dimension,
    classes,
    logits,
    classify: rowByRow(dimension, classes, logits),
    logitJacobian: () => Float64Array.from(W),
  };
}

/** z = V relu(Wx): the Jacobian is V diag(Wx > 0) W. */
export function reluMlp(dimension: number, hidden: number, classes: number, seed: number): ClosedForm {
  const W = normalMatrix(hidden, dimension, seed, 0.3);
  const V = normalMatrix(classes, hidden, seed + 1, 0.3);
  const logits = (x: ArrayLike<number>): Float64Array =>
    multiply(
      V,
      classes,
      multiply(W, hidden, x).map((value) => Math.max(0, value)),
    );
  return {
    dimension,
    classes,
    logits,
    classify: rowByRow(dimension, classes, logits),
    logitJacobian: (x) => {
      const on = multiply(W, hidden, x).map((value) => (value > 0 ? 1 : 0));
      const J = new Float64Array(classes * dimension);
      for (let c = 0; c < classes; c++) {
        for (let h = 0; h < hidden; h++) {
          for (let i = 0; i < dimension; i++) {
            J[c * dimension + i]! += V[c * hidden + h]! * on[h]! * W[h * dimension + i]!;
          }
        }
      }
      return J;
    },
  };
}

/** S(p) J_z in float64, S(p) written out as a matrix: independent of the shortcut that the sources use. */
export function probabilityJacobian(form: ClosedForm, x: ArrayLike<number>): Float64Array {
  const { classes: C, dimension: D } = form;
  const p = softmax(form.logits(x));
  const Jz = form.logitJacobian(x);
  const J = new Float64Array(C * D);
  for (let a = 0; a < C; a++) {
    for (let b = 0; b < C; b++) {
      const s = (a === b ? p[a]! : 0) - p[a]! * p[b]!;
      for (let i = 0; i < D; i++) J[a * D + i]! += s * Jz[b * D + i]!;
    }
  }
  return J;
}

export function frobenius(matrix: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < matrix.length; i++) sum += matrix[i]! * matrix[i]!;
  return Math.sqrt(sum);
}

/** An input whose coordinates are intensities: one unit of the classifier is one unit of intensity. */
export function plainInput(
  dimension: number,
  seed: number,
): { values: Float32Array; unitsPerIntensity: Float32Array } {
  const uniform = createUniform(Uint32Array.of(seed, 5, 6, 7));
  return {
    values: Float32Array.from({ length: dimension }, () => uniform()),
    unitsPerIntensity: new Float32Array(dimension).fill(1),
  };
}

/** J_zᵀu of the closed form, rounded to float32. */
export function pullBackOf({ dimension, classes, logitJacobian }: ClosedForm): PullBack {
  return (inputs, cotangents, count) => {
    const products = new Float32Array(count * dimension);
    for (let row = 0; row < count; row++) {
      const J = logitJacobian(inputs.subarray(row * dimension, (row + 1) * dimension));
      for (let i = 0; i < dimension; i++) {
        let sum = 0;
        for (let c = 0; c < classes; c++) sum += J[c * dimension + i]! * cotangents[row * classes + c]!;
        products[row * dimension + i] = sum;
      }
    }
    return products;
  };
}
