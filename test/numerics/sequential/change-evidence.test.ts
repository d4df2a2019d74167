import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../../src/numerics/random.ts';
import {
  ALARM_EVIDENCE,
  type ReferenceEvent,
  smallestShares,
  watchedEvents,
} from '../../../src/numerics/sequential/alarm-plan.ts';
import { createAutocorrelation } from '../../../src/numerics/sequential/autocorrelation.ts';
import { createChangeEvidence, imagesToTell } from '../../../src/numerics/sequential/change-evidence.ts';
import { simulateWatch } from '../../../support/simulated-calibration.ts';

/** Binomial deviations that a simulated share may lie above what it may be at the most. */
const DEVIATIONS = 3;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function atMost(share: number, of: number): number {
  return share + DEVIATIONS * Math.sqrt((share * (1 - share)) / of);
}

describe('createChangeEvidence', () => {
  it('adds up likelihood ratios from every image on', () => {
    // Odds of 1/9 become 1.3, 2, 4, 12 and 60 times as much.
    const evidence = createChangeEvidence([{ limit: 0.1, weight: 1 }]);
    const q = [1.3, 2, 4, 12, 60].map((ratio) => ratio / (9 + ratio));
    evidence.observe(() => true, 1);
    const up = q.map((one) => one / 0.1);
    assert.ok(Math.abs(evidence.value - up.reduce((a, b) => a + b) / 5) < 1e-12);
    evidence.observe(() => false, 2);
    const both = q.map((one, i) => ((up[i]! + 1) * (1 - one)) / 0.9);
    assert.ok(Math.abs(evidence.value - both.reduce((a, b) => a + b) / 5) < 1e-12);
  });

  it('reaches a within T images with probability T/a at most, where events are as likely as they may be', () => {
    const [streams, images] = [1000, 1000];
    const events = [
      { limit: 0.02, weight: 0.5 },
      { limit: 0.3, weight: 0.5 },
    ];
    const uniform = createUniform(Uint32Array.of(1, 2, 3, 4));
    let reached = 0;
    for (let stream = 0; stream < streams; stream++) {
      const evidence = createChangeEvidence(events);
      let most = 0;
      for (let i = 0; i < images; i++) {
        evidence.observe((event) => uniform() < events[event]!.limit, i);
        most = Math.max(most, evidence.value);
      }
      if (most >= images / 0.05) reached++;
    }
    assert.ok(reached / streams <= atMost(0.05, streams), `${reached} of ${streams}`);
    assert.ok(reached > 0, 'nothing ever reached it, so nothing was tested');
  });

  it('says which event it is, and since when', () => {
    const evidence = createChangeEvidence([
      { limit: 0.02, weight: 0.5 },
      { limit: 0.3, weight: 0.5 },
    ]);
    assert.equal(evidence.strongest, null);
    const uniform = createUniform(Uint32Array.of(5, 2, 3, 4));
    for (let i = 0; i < 3000; i++) evidence.observe((event) => uniform() < (event === 0 ? 0.01 : 0.25), i);
    for (let i = 0; i < 500; i++)
      evidence.observe((event) => uniform() < (event === 0 ? 0.2 : 0.25), 3000 + i);
    const { event, since, images, happened } = evidence.strongest!;
    assert.equal(event, 0);
    assert.equal(since, 3500 - images);
    assert.ok(images > 400 && images < 700, `${images} images ago`);
    assert.ok(happened > 70 && happened < 130, `${happened} of them`);
  });

  it('goes on from what was written down', () => {
    const events = [{ limit: 0.1, weight: 1 }];
    const happened = (i: number) => () => i % 7 === 0;
    const whole = createChangeEvidence(events);
    for (let i = 0; i < 100; i++) whole.observe(happened(i), i);
    const half = createChangeEvidence(events);
    for (let i = 0; i < 50; i++) half.observe(happened(i), i);
    const other = createChangeEvidence(events, JSON.parse(JSON.stringify(half.state)) as typeof half.state);
    assert.equal(other.value, half.value);
    for (let i = 50; i < 100; i++) other.observe(happened(i), i);
    assert.deepEqual(other.state, whole.state);
    assert.equal(other.value, whole.value);
  });

  it('begins anew where what was written down is of other events', () => {
    const one = createChangeEvidence([{ limit: 0.1, weight: 1 }]);
    one.observe(() => true, 1);
    const two = [
      { limit: 0.1, weight: 0.5 },
      { limit: 0.2, weight: 0.5 },
    ];
    assert.equal(createChangeEvidence(two, one.state).images, 0);
  });

  it('refuses a limit that is no probability', () => {
    assert.throws(() => createChangeEvidence([{ limit: 0, weight: 1 }]), /expected a limit in \(0, 1\)/);
  });
});

describe('an alarm on a calibration that is drawn anew', () => {
  /** Share of streams of as many images that reach a level which is reached in 5% where limits are true. */
  function falseAlarms(limitOf: (images: number, reference: ReferenceEvent) => number): number {
    const [streams, calibration, images] = [200, 300, 20_000];
    let alarms = 0;
    for (let stream = 0; stream < streams; stream++) {
      const uniform = createUniform(Uint32Array.of(stream + 1, 2, 3, 5));
      let beyond = 0;
      for (let i = 0; i < calibration; i++) if (uniform() < 0.05) beyond++;
      const limit = limitOf(calibration, { beyond, weight: 1 });
      const evidence = createChangeEvidence([{ limit, weight: 1 }]);
      for (let i = 0; i < images && evidence.value < images / 0.05; i++)
        evidence.observe(() => uniform() < 0.05, i);
      if (evidence.value >= images / 0.05) alarms++;
    }
    return alarms / streams;
  }

  it('is false as seldom as is said by upper limits, and often by shares that are taken as known', () => {
    const byLimits = falseAlarms((images, reference) => watchedEvents(images, [reference])[0]!.limit);
    assert.ok(byLimits <= atMost(0.054, 200), `${byLimits} of the streams`);
    const asKnown = falseAlarms((images, { beyond }) => beyond / images);
    assert.ok(asKnown > 0.2, `${asKnown} of the streams`);
  });

  it('is not given in 40 streams of 10,000 images like calibration’s', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { evidence, draw } = simulateWatch(seed, 2000);
      for (let i = 0; i < 10_000; i++) {
        draw(0);
        assert.ok(evidence.value < ALARM_EVIDENCE, `seed ${seed}, image ${i}`);
      }
    }
  });

  it('tells of 3% junk within 4,000 images, of 30% within 100, as calibrate says', () => {
    for (const [junk, within] of [
      [0.03, 4000],
      [0.3, 100],
    ] as const) {
      const taken = Array.from({ length: 21 }, (_, i) => {
        const { evidence, draw } = simulateWatch(i + 1, 2000);
        for (let i = 0; i < 2000; i++) draw(0);
        let images = 0;
        for (; evidence.value < ALARM_EVIDENCE && images < 20_000; images++) draw(junk);
        return images;
      });
      assert.ok(median(taken) <= within, `${median(taken)} images at ${junk}`);
    }
    const [sight] = smallestShares(2000, { beyond: 20, weight: 0.5 }, [4000]);
    assert.ok(sight!.share <= 0.03, `${sight!.share}`);
  });
});

describe('smallestShares', () => {
  it('is less the more images calibrate and the more come', () => {
    const of = (images: number, within: number): number =>
      smallestShares(images, { beyond: Math.round(images / 100), weight: 0.5 }, [within])[0]!.share;
    const shares = [of(300, 1000), of(2000, 1000), of(2000, 4000), of(10_000, 4000)];
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => b - a),
    );
  });

  it('gives the share at which as many images are just enough', () => {
    const [event] = watchedEvents(2000, [{ beyond: 20, weight: 0.5 }]);
    const [{ share } = { share: NaN }] = smallestShares(2000, { beyond: 20, weight: 0.5 }, [4000]);
    assert.ok(imagesToTell(0.01 + share * 0.99, event!, ALARM_EVIDENCE) <= 4000);
    assert.ok(imagesToTell(0.01 + share * 0.97, event!, ALARM_EVIDENCE) > 4000);
  });
});

describe('createAutocorrelation', () => {
  const uniform = createUniform(Uint32Array.of(9, 2, 3, 4));

  it('is near nothing for numbers that are independent', () => {
    const correlation = createAutocorrelation();
    for (let i = 0; i < 5000; i++) correlation.observe(uniform());
    // √(1/1000) is one deviation.
    assert.ok(Math.abs(correlation.value) < 0.13, `${correlation.value}`);
  });

  it('is what it is where each of four is the one before', () => {
    const correlation = createAutocorrelation();
    let value = 0;
    for (let i = 0; i < 20_000; i++) {
      if (i % 4 === 0) value = uniform();
      correlation.observe(value);
    }
    assert.ok(Math.abs(correlation.value - 0.75) < 0.1, `${correlation.value}`);
  });

  it('says nothing of few, and is 1 where all are the same', () => {
    const correlation = createAutocorrelation();
    for (let i = 0; i < 199; i++) correlation.observe(0.5);
    assert.equal(correlation.value, 0);
    correlation.observe(0.5);
    assert.equal(correlation.value, 1);
  });
});
