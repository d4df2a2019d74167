import { describe, it } from 'node:test';
import { assertGradient, type Example, weights } from './check.ts';

const image = [2, 4, 4];
const ints = (...values: number[]): { shape: number[]; values: number[]; type: 'int64' } => ({
  shape: [values.length],
  values,
  type: 'int64',
});
const scalar = (value: number): { shape: number[]; values: number[] } => ({ shape: [], values: [value] });

/** An operator on "x" alone. */
const unary = (
  op: string,
  attributes: NonNullable<Example['nodes'][number]['attributes']> = {},
  rest: Partial<Example> = {},
): Example => ({
  shape: image,
  nodes: [{ op, inputs: ['x'], outputs: ['y'], attributes }],
  ...rest,
});

/** An operator on "x" and constants. */
const withConstants = (
  op: string,
  constants: NonNullable<Example['constants']>,
  attributes: NonNullable<Example['nodes'][number]['attributes']> = {},
  rest: Partial<Example> = {},
): Example => ({
  shape: image,
  constants,
  nodes: [{ op, inputs: ['x', ...Object.keys(constants)], outputs: ['y'], attributes }],
  ...rest,
});

/**
 * Two functions of x, "a" = x + 4 of x's shape and "b" the mean of exp(x/2) over its last axis, into a
 * broadcasting operator.
 */
const binary = (op: string, inputs: readonly string[]): Example => ({
  shape: image,
  constants: { four: scalar(4), half: scalar(0.5) },
  nodes: [
    { op: 'Add', inputs: ['x', 'four'], outputs: ['a'] },
    { op: 'Mul', inputs: ['x', 'half'], outputs: ['halved'] },
    { op: 'Exp', inputs: ['halved'], outputs: ['exp'] },
    { op: 'ReduceMean', inputs: ['exp'], outputs: ['b'], attributes: { axes: [3] } },
    { op, inputs, outputs: ['y'] },
  ],
});

/** An operator on x + 4. */
const ofPositive = (op: string): Example => ({
  shape: image,
  constants: { four: scalar(4) },
  nodes: [
    { op: 'Add', inputs: ['x', 'four'], outputs: ['a'] },
    { op, inputs: ['a'], outputs: ['y'] },
  ],
});

const conv = (
  shape: readonly number[],
  kernel: readonly number[],
  attributes: NonNullable<Example['nodes'][number]['attributes']>,
): Example => withConstants('Conv', { w: weights(kernel) }, attributes, { shape, rows: 2 });

const EXAMPLES: Readonly<Record<string, Readonly<Record<string, Example>>>> = {
  Conv: {
    'of few channels': conv([1, 5, 5], [3, 1, 3, 3], { pads: [1, 1, 1, 1] }),
    'of many channels': conv([8, 4, 4], [3, 8, 3, 3], { pads: [1, 1, 1, 1] }),
    'with a bias': withConstants(
      'Conv',
      { w: weights([3, 8, 2, 2]), b: weights([3]) },
      {},
      { shape: [8, 4, 4] },
    ),
    'with uneven pads': conv([8, 4, 4], [3, 8, 3, 2], { pads: [0, 1, 2, 0] }),
    'with more pads than its kernel reaches': conv([8, 3, 3], [2, 8, 2, 2], { pads: [3, 2, 2, 3] }),
    'with a rectangular kernel': conv([8, 4, 4], [2, 8, 1, 3], {}),
    'in groups': conv([8, 4, 4], [4, 4, 3, 3], { pads: [1, 1, 1, 1], group: 2 }),
    'by channel': conv([8, 4, 4], [8, 1, 3, 3], { pads: [1, 1, 1, 1], group: 8 }),
    'by channel with a multiplier': conv([8, 3, 3], [16, 1, 2, 2], { group: 8 }),
    'with a dilation': conv([8, 5, 5], [2, 8, 3, 2], { dilations: [2, 3], pads: [2, 1, 2, 1] }),
    'with a stride that comes out even': conv([2, 5, 5], [3, 2, 3, 3], {
      strides: [2, 2],
      pads: [1, 1, 1, 1],
    }),
    'with a stride that leaves inputs unread': conv([8, 6, 6], [3, 8, 3, 3], { strides: [2, 3] }),
    'with a stride longer than its kernel': conv([2, 7, 7], [3, 2, 2, 1], { strides: [3, 3] }),
    'with a stride in groups': conv([8, 4, 4], [8, 1, 3, 3], {
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      group: 8,
    }),
    'along one axis with a stride, by channel': conv([8, 9], [8, 1, 3], { strides: [2], group: 8 }),
    'with a stride and a dilation': conv([2, 7, 7], [3, 2, 3, 3], {
      strides: [2, 2],
      dilations: [2, 2],
      pads: [1, 2, 1, 2],
    }),
    'padded to the same size, more behind': conv([2, 5, 6], [3, 2, 4, 3], {
      strides: [2, 2],
      auto_pad: 'SAME_UPPER',
    }),
    'padded to the same size, more before': conv([8, 4, 4], [3, 8, 2, 2], { auto_pad: 'SAME_LOWER' }),
    'without pads by name': conv([8, 4, 4], [3, 8, 3, 3], { auto_pad: 'VALID' }),
    'along one axis': conv([8, 9], [2, 8, 3], { pads: [1, 1] }),
  },
  Gemm: {
    plain: withConstants('Gemm', { b: weights([6, 4]), c: weights([4], 2) }, {}, { shape: [6] }),
    'with transposed weights and factors': withConstants(
      'Gemm',
      { b: weights([4, 6]), c: weights([4], 2) },
      { transB: 1, alpha: { float: 0.5 }, beta: { float: 3 } },
      { shape: [6] },
    ),
    'whose addend depends on the input': {
      shape: [6],
      constants: { b: weights([6, 6]) },
      nodes: [{ op: 'Gemm', inputs: ['x', 'b', 'x'], outputs: ['y'], attributes: { beta: { float: 2 } } }],
    },
    'of a transposed input': {
      shape: [6],
      constants: { b: weights([6, 4]) },
      nodes: [
        { op: 'Transpose', inputs: ['x'], outputs: ['t'], attributes: { perm: [1, 0] } },
        { op: 'Gemm', inputs: ['t', 'b'], outputs: ['y'], attributes: { transA: 1 } },
      ],
    },
    'of a transposed input and transposed weights': {
      shape: [6],
      constants: { b: weights([4, 6]) },
      nodes: [
        { op: 'Transpose', inputs: ['x'], outputs: ['t'], attributes: { perm: [1, 0] } },
        { op: 'Gemm', inputs: ['t', 'b'], outputs: ['y'], attributes: { transA: 1, transB: 1 } },
      ],
    },
  },
  MatMul: {
    'by weights': withConstants('MatMul', { w: weights([6, 4]) }, {}, { shape: [6] }),
    'of matrices by weights': withConstants('MatMul', { w: weights([3, 5]) }, {}, { shape: [2, 4, 3] }),
    'of weights by matrices': {
      shape: [2, 4, 3],
      constants: { w: weights([5, 4]) },
      nodes: [{ op: 'MatMul', inputs: ['w', 'x'], outputs: ['y'] }],
    },
    'of two functions of the input': {
      shape: [4, 3],
      nodes: [
        { op: 'Transpose', inputs: ['x'], outputs: ['t'], attributes: { perm: [0, 2, 1] } },
        { op: 'MatMul', inputs: ['x', 't'], outputs: ['y'] },
      ],
    },
  },
  Add: {
    'of a constant': withConstants('Add', { c: weights([2, 1, 1]) }),
    'of functions of two shapes': binary('Add', ['a', 'b']),
    'of functions of two ranks': {
      shape: image,
      batch: 1,
      rows: 1,
      nodes: [
        { op: 'ReduceMean', inputs: ['x'], outputs: ['b'], attributes: { axes: [0, 1, 2], keepdims: 0 } },
        { op: 'Add', inputs: ['x', 'b'], outputs: ['y'] },
      ],
    },
    'of x to itself': { shape: image, nodes: [{ op: 'Add', inputs: ['x', 'x'], outputs: ['y'] }] },
  },
  Sub: { 'of functions of two shapes': binary('Sub', ['b', 'a']) },
  Mul: {
    'by a constant': withConstants('Mul', { c: weights([4]) }),
    'of functions of two shapes': binary('Mul', ['b', 'a']),
    'of x by itself': { shape: image, nodes: [{ op: 'Mul', inputs: ['x', 'x'], outputs: ['y'] }] },
    'by its own sigmoid': {
      shape: image,
      nodes: [
        { op: 'Sigmoid', inputs: ['x'], outputs: ['s'] },
        { op: 'Mul', inputs: ['x', 's'], outputs: ['y'] },
      ],
    },
    'by its own sigmoid, which is also read elsewhere': {
      shape: [6],
      nodes: [
        { op: 'Sigmoid', inputs: ['x'], outputs: ['s'] },
        { op: 'Mul', inputs: ['s', 'x'], outputs: ['m'] },
        { op: 'Add', inputs: ['m', 's'], outputs: ['y'] },
      ],
    },
    'by the sigmoid of something else': {
      shape: [6],
      constants: { c: scalar(3) },
      nodes: [
        { op: 'Mul', inputs: ['x', 'c'], outputs: ['x3'] },
        { op: 'Sigmoid', inputs: ['x3'], outputs: ['s'] },
        { op: 'Mul', inputs: ['x', 's'], outputs: ['y'] },
      ],
    },
  },
  Div: {
    'by a function of another shape': binary('Div', ['a', 'b']),
    'of a smaller by a larger shape': binary('Div', ['b', 'a']),
    'by a constant': withConstants('Div', { c: scalar(3) }),
  },
  Neg: { plain: unary('Neg') },
  Exp: { plain: unary('Exp') },
  Log: { 'of x + 4': ofPositive('Log') },
  Sqrt: { 'of x + 4': ofPositive('Sqrt') },
  Pow: {
    'to a square': withConstants('Pow', { e: scalar(2) }),
    'to a cube': withConstants('Pow', { e: scalar(3) }),
    'to exponents along an axis': {
      shape: image,
      constants: { four: scalar(4), e: { shape: [4], values: [0.5, -1, 1.5, 2] } },
      nodes: [
        { op: 'Add', inputs: ['x', 'four'], outputs: ['a'] },
        { op: 'Pow', inputs: ['a', 'e'], outputs: ['y'] },
      ],
    },
  },
  Relu: { plain: unary('Relu') },
  LeakyRelu: { plain: unary('LeakyRelu', { alpha: { float: 0.3 } }), 'as usual': unary('LeakyRelu') },
  Clip: {
    'to both sides': withConstants('Clip', { low: scalar(-1), high: scalar(1.5) }),
    'from below': withConstants('Clip', { low: scalar(0) }),
    'from above': {
      shape: image,
      constants: { high: scalar(0.5) },
      nodes: [{ op: 'Clip', inputs: ['x', '', 'high'], outputs: ['y'] }],
    },
    'to nothing': unary('Clip'),
    'as in operators before version 11': unary(
      'Clip',
      { min: { float: -1 }, max: { float: 0.5 } },
      { opset: 10 },
    ),
  },
  Sigmoid: { plain: unary('Sigmoid') },
  Tanh: { plain: unary('Tanh') },
  HardSigmoid: {
    plain: unary('HardSigmoid', { alpha: { float: 0.4 }, beta: { float: 0.4 } }),
    'as usual': unary('HardSigmoid'),
  },
  HardSwish: {
    plain: {
      shape: image,
      constants: { c: scalar(3) },
      opset: 14,
      nodes: [
        { op: 'Mul', inputs: ['x', 'c'], outputs: ['x3'] },
        { op: 'HardSwish', inputs: ['x3'], outputs: ['y'] },
      ],
    },
  },
  AveragePool: {
    'of separate windows': unary('AveragePool', { kernel_shape: [2, 2], strides: [2, 2] }),
    'with pads that do not count': unary('AveragePool', {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
    }),
    'with pads that count': unary('AveragePool', {
      kernel_shape: [3, 2],
      strides: [1, 2],
      pads: [1, 0, 1, 0],
      count_include_pad: 1,
    }),
    'over the edge': unary('AveragePool', { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }),
    'over the edge with pads that count': unary('AveragePool', {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      ceil_mode: 1,
      count_include_pad: 1,
    }),
    'padded to the same size': unary('AveragePool', {
      kernel_shape: [2, 2],
      strides: [1, 1],
      auto_pad: 'SAME_UPPER',
    }),
  },
  GlobalAveragePool: { plain: unary('GlobalAveragePool') },
  ReduceMean: {
    'over the last axes': unary('ReduceMean', { axes: [-1, 2] }),
    'without keeping them': unary('ReduceMean', { axes: [2, 3], keepdims: 0 }),
    'with axes as an input': withConstants('ReduceMean', { axes: ints(3) }, { keepdims: 0 }, { opset: 18 }),
  },
  ReduceSum: {
    'with axes as an input': withConstants('ReduceSum', { axes: ints(1, 2) }),
    'as in operators before version 13': unary('ReduceSum', { axes: [1], keepdims: 0 }, { opset: 11 }),
  },
  MaxPool: {
    'of separate windows': unary('MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }),
    'of overlapping windows': unary(
      'MaxPool',
      { kernel_shape: [3, 3], strides: [2, 2] },
      { shape: [2, 7, 7] },
    ),
    'of windows one apart': unary('MaxPool', { kernel_shape: [2, 3] }),
    'with pads': unary('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
    'over the edge': unary(
      'MaxPool',
      { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 },
      { shape: [1, 5, 5] },
    ),
    'with a stride longer than its kernel': unary(
      'MaxPool',
      { kernel_shape: [1, 2], strides: [2, 3] },
      { shape: [1, 5, 6] },
    ),
    'padded to the same size': unary(
      'MaxPool',
      { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' },
      { shape: [1, 5, 5] },
    ),
    'with a dilation': unary('MaxPool', { kernel_shape: [2, 2], dilations: [2, 2] }),
    'as in operators before version 10': unary(
      'MaxPool',
      { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
      { opset: 8 },
    ),
  },
  BatchNormalization: {
    plain: withConstants(
      'BatchNormalization',
      {
        scale: weights([2], 1),
        offset: weights([2], 2),
        mean: weights([2], 3),
        variance: { shape: [2], values: [0.5, 2] },
      },
      { epsilon: { float: 0.01 } },
    ),
  },
  Softmax: {
    'over the last axis': unary('Softmax'),
    'over channels': unary('Softmax', { axis: 1 }),
    'as in operators before version 13': unary('Softmax', { axis: 2 }, { opset: 11 }),
  },
  Flatten: { plain: unary('Flatten', { axis: 1 }) },
  Reshape: {
    'with the batch as it is': withConstants('Reshape', { shape: ints(0, 4, -1) }),
    'with the batch inferred': withConstants('Reshape', { shape: ints(-1, 32) }),
  },
  Transpose: {
    'by an order': unary('Transpose', { perm: [0, 3, 1, 2] }, { shape: [2, 3, 4] }),
    'without one, twice': {
      shape: [5],
      nodes: [
        { op: 'Transpose', inputs: ['x'], outputs: ['t'] },
        { op: 'Tanh', inputs: ['t'], outputs: ['tanh'] },
        { op: 'Transpose', inputs: ['tanh'], outputs: ['y'] },
      ],
    },
  },
  Squeeze: {
    'as an input': withConstants('Squeeze', { axes: ints(2) }, {}, { shape: [3, 1, 4] }),
    'as in operators before version 13': unary('Squeeze', { axes: [1] }, { shape: [1, 3, 4], opset: 11 }),
  },
  Unsqueeze: {
    'as an input': withConstants('Unsqueeze', { axes: ints(2) }),
    'as in operators before version 13': unary('Unsqueeze', { axes: [1] }, { opset: 11 }),
  },
  Concat: {
    'of channels, x among them twice': {
      shape: image,
      nodes: [
        { op: 'Tanh', inputs: ['x'], outputs: ['t'] },
        { op: 'Concat', inputs: ['x', 't', 'x'], outputs: ['y'], attributes: { axis: -3 } },
      ],
    },
    'as in operators before version 10': {
      shape: image,
      opset: 8,
      nodes: [
        { op: 'Tanh', inputs: ['x'], outputs: ['t'] },
        { op: 'Concat', inputs: ['t', 'x'], outputs: ['y'], attributes: { axis: 3 } },
      ],
    },
  },
  Pad: {
    'with zeros': withConstants('Pad', { pads: ints(0, 0, 1, 0, 0, 0, 2, 3) }),
    'along named axes': {
      shape: image,
      constants: { pads: ints(1, 2), axes: ints(-1) },
      opset: 18,
      nodes: [{ op: 'Pad', inputs: ['x', 'pads', '', 'axes'], outputs: ['y'] }],
    },
    'by nothing': withConstants('Pad', { pads: ints(0, 0, 0, 0, 0, 0, 0, 0) }),
    'as in operators before version 11': unary('Pad', { pads: [0, 0, 1, 0, 0, 1, 0, 2] }, { opset: 10 }),
  },
  Dropout: { plain: unary('Dropout') },
  Identity: { plain: unary('Identity') },
};

describe('the gradient of an operator equals central differences', () => {
  for (const [operator, examples] of Object.entries(EXAMPLES)) {
    describe(operator, () => {
      for (const [name, example] of Object.entries(examples)) it(name, () => assertGradient(example));
    });
  }
});
