import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { breakTiesAtTop, type EvaluatedImage } from '../../src/study/evaluation/evaluated-image.ts';
import { compareSignals } from '../../src/study/evaluation/compare-signals.ts';
import { evaluate } from '../../src/study/evaluation/evaluate.ts';
import { gateOutcome } from '../../src/study/evaluation/gate-outcome.ts';
import { calibrationError, reliability } from '../../src/study/evaluation/reliability.ts';
import { createUniform } from '../../src/numerics/random.ts';

/** Images of two classes: truth, prediction, scores and what the gate goes by. */
function image(
  i: number,
  [label, predicted]: readonly [number, number],
  confidence: number,
  sensitivity: number,
  eligible = true,
): EvaluatedImage {
  return {
    where: `image ${i}`,
    label,
    predicted,
    scores: { sensitivity, confidence: -confidence },
    gate: { score: sensitivity, eligible },
  };
}

/** Four images, the last one wrong: max-softmax puts it third, sensitivity last. */
const four = [
  image(0, [0, 0], 0.9, 1),
  image(1, [0, 0], 0.8, 2),
  image(2, [1, 1], 0.6, 3),
  image(3, [1, 0], 0.7, 4),
];

describe('compareSignals', () => {
  const resampling = { resamples: 200, confidence: 0.9, uniform: createUniform(Uint32Array.of(1, 2, 3, 4)) };
  const [sensitivity, confidence] = compareSignals(four, resampling);

  it('gives each metric of each signal', () => {
    assert.equal(sensitivity!.signal, 'sensitivity');
    assert.equal(sensitivity!.metrics.auroc.value, 1);
    assert.ok(Math.abs(confidence!.metrics.auroc.value - 2 / 3) < 1e-12);
    // Error rates among the first 1, 2, 3, 4: 0, 0, 0, 1/4 and 0, 0, 1/3, 1/4.
    assert.ok(Math.abs(sensitivity!.metrics.aurc.value - 1 / 16) < 1e-12);
    assert.ok(Math.abs(confidence!.metrics.aurc.value - (1 / 3 + 1 / 4) / 4) < 1e-12);
    assert.equal(sensitivity!.metrics['coverage_at_1%'].value, 0.75);
    assert.equal(confidence!.metrics['coverage_at_1%'].value, 0.5);
  });

  it('holds every signal against max-softmax, and max-softmax against nothing', () => {
    assert.ok(Math.abs(sensitivity!.metrics.aurc.difference!.value - -1 / 12) < 1e-12);
    assert.equal(confidence!.metrics.aurc.difference, null);
  });

  it('pairs differences: the same ranking differs by nothing in any resample', () => {
    const same = four.map((one) => ({ ...one, scores: { ...one.scores, again: one.scores['confidence']! } }));
    const again = compareSignals(same, resampling).find(({ signal }) => signal === 'again')!;
    assert.deepEqual(again.metrics.aurc.difference, { value: 0, interval: [0, 0] });
  });

  it('refuses images without max-softmax, and a signal that one of them lacks', () => {
    const without = four.map((one) => ({ ...one, scores: { sensitivity: 1 } }));
    assert.throws(() => compareSignals(without, resampling), /expected images with confidence/);
    const lacking = four.map((one, i) => (i === 2 ? { ...one, scores: { confidence: 1 } } : one));
    assert.throws(() => compareSignals(lacking, resampling), /score of image 2, got NaN/);
  });
});

describe('gateOutcome', () => {
  it('counts wrong labels among the automatic ones, with their exact interval', () => {
    const { coverage, automatic } = gateOutcome(four, 2, 4, 0.05);
    assert.equal(coverage, 1);
    assert.deepEqual([automatic.labels, automatic.errors, automatic.risk], [4, 1, 0.25]);
    // Clopper & Pearson for 1 of 4 at 95%: 0.63% to 80.59%.
    assert.ok(
      Math.abs(automatic.interval[0] - 0.0063) < 5e-5 && Math.abs(automatic.interval[1] - 0.8059) < 5e-5,
    );
  });

  it('leaves out what the floor keeps back, whatever its score', () => {
    const kept = [...four.slice(0, 3), image(3, [1, 0], 0.7, 0, false)];
    assert.equal(gateOutcome(kept, 2, 3, 0.05).automatic.errors, 0);
    assert.equal(gateOutcome(kept, 2, 3, 0.05).coverage, 0.75);
  });

  it('tells classes apart by truth, and by the label given', () => {
    const [first, second] = gateOutcome(four, 2, 4, 0.05).classes;
    assert.deepEqual([first!.images, first!.errors, first!.accuracy], [2, 0, 1]);
    assert.deepEqual([second!.images, second!.errors, second!.accuracy], [2, 1, 0.5]);
    assert.deepEqual([first!.given.labels, first!.given.errors], [3, 1]);
    assert.deepEqual([second!.automatic.labels, second!.automatic.errors], [2, 1]);
  });

  it('says nothing of a class without images', () => {
    const { classes } = gateOutcome(four, 3, 4, 0.05);
    assert.deepEqual(
      [classes[2]!.accuracy, classes[2]!.coverage, classes[2]!.given.risk],
      [null, null, null],
    );
    assert.deepEqual(classes[2]!.given.interval, [0, 1]);
  });
});

describe('reliability', () => {
  it('bins equally many images by rising risk', () => {
    const risks = [0.3, 0.1, 0.9, 0.1];
    const bins = reliability(risks, [true, false, true, false], 2, 0.05);
    assert.deepEqual(
      bins.map(({ images, errors, said, observed }) => [images, errors, said, observed]),
      [
        [2, 0, 0.1, 0],
        [2, 2, 0.6, 1],
      ],
    );
    // (2·0.1 + 2·0.4)/4
    assert.ok(Math.abs(calibrationError(bins) - 0.25) < 1e-12);
  });

  it('makes no bin without an image', () => {
    assert.equal(reliability([0.5], [true], 10, 0.05).length, 1);
  });
});

describe('breakTiesAtTop', () => {
  it('orders by their estimates what no threshold accepts, above all else', () => {
    assert.deepEqual(breakTiesAtTop([1, Infinity, 7, Infinity], [1, 3, 9, 2]), [1, 10, 7, 9]);
  });
});

describe('evaluate', () => {
  const terms = { classes: 2, threshold: 2, secondsPerLabel: 10 };

  it('gives the same numbers again', () => {
    assert.deepEqual(evaluate(four, terms), evaluate(four, terms));
  });

  it("puts the gate's own threshold among those of the what-if table", () => {
    const { what_if } = evaluate(four, { ...terms, threshold: 2.5 });
    assert.deepEqual(
      what_if.map(({ threshold }) => threshold),
      [1, 2, 2.5, 3, 4].filter((threshold) => threshold > 1),
    );
  });

  it('speaks of risk only where it is among the signals', () => {
    assert.equal(evaluate(four, terms).risk, null);
    const risky = four.map((one) => ({ ...one, scores: { ...one.scores, risk: 0.25 } }));
    // One of four is wrong, and 25% is said of each; every bin holds one image.
    assert.ok(Math.abs(evaluate(risky, terms).risk!.calibration_error - (3 * 0.25 + 0.75) / 4) < 1e-12);
  });

  it('speaks of signals alone without a gate', () => {
    const { gate, what_if, signals } = evaluate(
      four.map((one) => ({ ...one, gate: null })),
      { ...terms, threshold: null },
    );
    assert.equal(gate, null);
    assert.deepEqual(what_if, []);
    assert.equal(signals.length, 2);
  });
});
