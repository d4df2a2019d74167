import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import { chooseCopies, staged } from '../../src/study/calibration/choose-copies.ts';
import type { Goal, ScoredImage } from '../../src/study/calibration/choose-rule.ts';
import { type Candidate, compareSignals } from '../../src/study/calibration/choose-signal.ts';
import { partsOfRule } from '../../src/gate/parts-of-rule.ts';

const goal: Goal = { method: 'fixed_sequence', risk: 0.05, confidence: 0.95 };

/** Images that are wrong the more often the higher their doubt, and the doubt with noise. */
function pictures(count: number) {
  const uniform = createUniform(Uint32Array.of(1, 2, 3, 5));
  return Array.from({ length: count }, () => {
    const doubt = uniform();
    const wrong = uniform() < Math.max(0, doubt - 0.6);
    return { doubt, noisy: doubt + 0.6 * (uniform() - 0.5), wrong };
  });
}
const scored = (score: number, wrong: boolean): ScoredImage => ({
  ...{ score, wrong, confidence: 1 - score },
  admitted: true,
});
const all = pictures(2000);
const candidate = (
  signal: Candidate['signal'],
  of: (one: (typeof all)[number]) => number,
  further = 0,
): Candidate => ({
  signal,
  images: all.map((one) => scored(of(one), one.wrong)),
  scores: all.map(of),
  withFloor: false,
  furtherPasses: further,
});
const doubt = ({ doubt: value }: (typeof all)[number]): number => value;
const noisy = ({ noisy: value }: (typeof all)[number]): number => value;

describe('compareSignals', () => {
  it('puts the signal first that certifies most', () => {
    const [first, second] = compareSignals(
      [candidate('margin', noisy), candidate('confidence', doubt)],
      goal,
    );
    assert.equal(first!.signal, 'confidence');
    assert.ok(first!.coverage > second!.coverage + 0.05, `${first!.coverage} ${second!.coverage}`);
    assert.ok(second!.behind[0] > 0);
  });

  it('pays for a further pass where it buys a point, and not where it buys nothing', () => {
    const dear = candidate('mirror_confidence', doubt, 1);
    assert.equal(compareSignals([candidate('margin', noisy), dear], goal)[0]!.signal, 'mirror_confidence');
    assert.equal(compareSignals([candidate('confidence', doubt), dear], goal)[0]!.signal, 'confidence');
    const dearest = candidate('agreement', doubt, 60);
    assert.equal(compareSignals([candidate('margin', noisy), dearest], goal)[0]!.signal, 'margin');
  });

  it('compares the share of right labels where a coverage is promised', () => {
    const covered: Goal = { method: 'coverage', coverage: 0.7, confidence: 0.95 };
    const [first] = compareSignals([candidate('margin', noisy), candidate('confidence', doubt)], covered);
    assert.equal(first!.signal, 'confidence');
    assert.ok(first!.coverage > 0.6 && first!.coverage <= 0.75);
  });
});

describe('chooseCopies', () => {
  /** The first answer is the noisy one, the mean over the copies the other. */
  const images = all.map((one) => ({ ...scored(one.doubt, one.wrong), confidence: 1 - one.noisy }));

  it('asks copies of at most a fifth of the images a copy, where they help', () => {
    for (const names of [['mirror'], ['shift_right', 'shift_down']] as const) {
      const { between } = chooseCopies(images, names, goal);
      const asked = images.filter(
        ({ confidence }) => confidence > between[0] && confidence < between[1],
      ).length;
      assert.ok(asked > 0 && asked * names.length <= 0.2 * images.length, `${asked}`);
    }
  });

  it('leaves nothing automatic without a copy that breaks the promise', () => {
    const { between } = chooseCopies(images, ['mirror'], goal);
    const certain = staged(images, between).filter(({ score }) => score === -Infinity);
    const errors = certain.filter(({ wrong }) => wrong).length;
    assert.ok(errors / certain.length < 0.05, `${errors} of ${certain.length}`);
  });
});

describe('partsOfRule', () => {
  it('counts what each part sends, and what it alone does', () => {
    const image = (rank: boolean, sensitivity: boolean, wrong: boolean) => ({
      kept: { rank, sensitivity, confidence: true, familiarity: true },
      wrong,
    });
    const images = [image(true, true, false), image(false, true, true), image(false, false, false)];
    assert.deepEqual(partsOfRule(images, ['rank', 'sensitivity']), [
      { part: 'rank', sent: { images: 2, errors: 1 }, alone: { images: 1, errors: 1 } },
      { part: 'sensitivity', sent: { images: 1, errors: 0 }, alone: { images: 0, errors: 0 } },
    ]);
  });
});
