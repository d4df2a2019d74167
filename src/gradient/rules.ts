import type { Rule } from './rule.ts';
import * as activation from './rules/activation.ts';
import * as arithmetic from './rules/arithmetic.ts';
import { conv } from './rules/conv.ts';
import * as linear from './rules/linear.ts';
import { averagePool } from './rules/average-pool.ts';
import { maxPool } from './rules/max-pool.ts';
import * as reduction from './rules/reduction.ts';
import * as shape from './rules/shape.ts';

/**
 * The table of operators: the gradient rule of each that has one, by its name in ONNX's standard domain.
 *
 * A rule reads sizes off the tape, and holds for every version of its operator: where attributes became
 * inputs, the rule asks `tape.opset`.
 */
export const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['Add', arithmetic.add],
  ['AveragePool', averagePool],
  ['BatchNormalization', linear.batchNormalization],
  ['Clip', activation.clip],
  ['Concat', shape.concat],
  ['Conv', conv],
  ['Div', arithmetic.divide],
  ['Dropout', shape.identity],
  ['Exp', arithmetic.exp],
  ['Flatten', shape.reshape],
  ['Gemm', linear.gemm],
  ['GlobalAveragePool', reduction.globalAveragePool],
  ['HardSigmoid', activation.hardSigmoid],
  ['HardSwish', activation.hardSwish],
  ['Identity', shape.identity],
  ['LeakyRelu', activation.leakyRelu],
  ['Log', arithmetic.log],
  ['MatMul', linear.matMul],
  ['MaxPool', maxPool],
  ['Mul', arithmetic.multiply],
  ['Neg', arithmetic.negate],
  ['Pad', shape.pad],
  ['Pow', arithmetic.power],
  ['ReduceMean', reduction.reduceMean],
  ['ReduceSum', reduction.reduceSum],
  ['Relu', activation.relu],
  ['Reshape', shape.reshape],
  ['Sigmoid', activation.sigmoid],
  ['Softmax', reduction.softmax],
  ['Sqrt', arithmetic.squareRoot],
  ['Squeeze', shape.reshape],
  ['Sub', arithmetic.subtract],
  ['Tanh', activation.tanh],
  ['Transpose', shape.transpose],
  ['Unsqueeze', shape.reshape],
]);
