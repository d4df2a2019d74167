import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngineError } from '../../src/engine/engine-error.ts';
import { type Admission, createAdmission, type Work } from '../../src/prediction/admission.ts';

interface Clock {
  now: number;
}

const images = (count: number, deadlineMs: number): Work => ({
  images: count,
  measurementsEach: 1,
  deadlineMs,
});

function open(queueLimit = 1e6, unavailable: string | null = null): { clock: Clock; admission: Admission } {
  const clock = { now: 1000 };
  return {
    clock,
    admission: createAdmission({ queueLimit, unavailable: () => unavailable, now: () => clock.now }),
  };
}

/** Holds `inside` images all the time, of which one leaves and one comes every `everyMs`, for `forMs`. */
function steady(
  clock: Clock,
  admission: Admission,
  inside: number,
  everyMs: number,
  forMs: number,
): (() => void)[] {
  const leaves = Array.from({ length: inside }, () => admission.enter(images(1, 1e9)));
  for (const until = clock.now + forMs; clock.now < until;) {
    clock.now += everyMs;
    leaves.shift()!();
    leaves.push(admission.enter(images(1, 1e9)));
  }
  return leaves;
}

const isBusy = (error: unknown): boolean => error instanceof EngineError && error.code === 'engine_busy';

describe('admission', () => {
  it('refuses an image whose stay would be more than half of its deadline', () => {
    const { clock, admission } = open();
    // 100 inside, 100 a second: a stay of one second.
    steady(clock, admission, 100, 10, 10_000);
    assert.throws(() => admission.enter(images(1, 1900)), isBusy);
    admission.enter(images(1, 2200));
  });

  it('says how long and against which deadline', () => {
    const { clock, admission } = open();
    steady(clock, admission, 100, 10, 10_000);
    assert.throws(() => admission.enter(images(1, 500)), /100 images .* about 1\.0 s.* deadline of 0\.5 s/);
  });

  it('takes anything when nothing is inside, however slow it was and however short the deadline', () => {
    const { clock, admission } = open();
    for (const leave of steady(clock, admission, 100, 1000, 60_000)) leave();
    admission.enter(images(64, 1));
  });

  it('takes a few at any rate, so that it finds out when the engine is quick again', () => {
    const { clock, admission } = open();
    for (const leave of steady(clock, admission, 33, 10_000, 600_000)) leave();
    for (let i = 0; i < 33; i++) admission.enter(images(1, 1));
    assert.throws(() => admission.enter(images(1, 1)), isBusy);
  });

  it('does not refuse a burst before it knows a rate', () => {
    const { admission } = open();
    for (let i = 0; i < 1000; i++) admission.enter(images(1, 1));
  });

  it('counts the images of a request as they are measured, each once', () => {
    const { clock, admission } = open();
    const leave = admission.enter(images(64, 10_000));
    for (let i = 0; i < 20; i++) {
      clock.now += 40;
      leave(1);
    }
    // 44 inside at 25 a second.
    admission.enter(images(1, 4000));
    assert.throws(() => admission.enter(images(1, 3000)), isBusy);
    leave();
    leave(1);
    admission.enter(images(1, 1));
  });

  it('does not count time without work against the rate', () => {
    const { clock, admission } = open();
    for (const leave of steady(clock, admission, 100, 10, 10_000)) leave();
    clock.now += 3_600_000;
    steady(clock, admission, 60, 10, 100);
    // 60 inside at no less than 100 a second: more, since the first hundred have left all at once.
    admission.enter(images(1, 1500));
    assert.throws(() => admission.enter(images(1, 700)), isBusy);
  });

  it('refuses everything but a few while nothing leaves', () => {
    const { clock, admission } = open();
    const leaves = steady(clock, admission, 40, 10, 5_000);
    clock.now += 15_000;
    assert.throws(() => admission.enter(images(1, 10_000)), isBusy);
    for (const leave of leaves.slice(0, 10)) leave();
    admission.enter(images(1, 10_000));
  });

  it('refuses nobody because large images of somebody else are still being decoded', () => {
    const { clock, admission } = open(100);
    const leave = admission.enter({ ...images(64, 10_000), apart: 64 });
    clock.now += 9_000;
    admission.enter(images(1, 10_000))();
    // They count against the limit all the same.
    assert.throws(() => admission.enter(images(37, 10_000)), isBusy);
    leave();
    admission.enter(images(37, 10_000));
  });

  it('takes a request whole or not at all, and says which one can never be taken', () => {
    const { admission } = open(4);
    const leave = admission.enter(images(1, 1000));
    assert.throws(() => admission.enter(images(4, 1000)), /1 inputs are being measured and 4 is the limit/);
    assert.throws(
      () => admission.enter(images(5, 1000)),
      (error: unknown) => error instanceof EngineError && error.code === 'request_exceeds_queue',
    );
    admission.enter(images(3, 1000));
    assert.throws(() => admission.enter(images(1, 1000)), isBusy);
    leave();
    admission.enter(images(1, 1000));
  });

  it('counts each measurement of an image against the limit', () => {
    const { admission } = open(4);
    const leave = admission.enter({ images: 2, measurementsEach: 2, deadlineMs: 1000 });
    assert.throws(() => admission.enter(images(1, 1000)), isBusy);
    leave(1);
    admission.enter(images(2, 1000));
    assert.throws(() => admission.enter(images(1, 1000)), isBusy);
  });

  it('takes nothing while the engine takes no work, and says why', () => {
    const { admission } = open(4, 'the engine is shut down');
    assert.throws(
      () => admission.enter(images(1, 1000)),
      (error: unknown) =>
        error instanceof EngineError &&
        error.code === 'engine_unavailable' &&
        error.message === 'the engine is shut down',
    );
  });
});
