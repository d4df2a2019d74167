import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngineError } from '../../src/engine/engine-error.ts';
import { type Admission, createAdmission } from '../../src/prediction/admission.ts';

interface Clock {
  now: number;
}

function open(): { clock: Clock; admission: Admission } {
  const clock = { now: 1000 };
  return { clock, admission: createAdmission(() => clock.now) };
}

/** Holds `inside` images all the time, of which one leaves and one comes every `everyMs`, for `forMs`. */
function steady(
  clock: Clock,
  admission: Admission,
  inside: number,
  everyMs: number,
  forMs: number,
): (() => void)[] {
  const leaves = Array.from({ length: inside }, () => admission.enter(1, 1e9));
  for (const until = clock.now + forMs; clock.now < until;) {
    clock.now += everyMs;
    leaves.shift()!();
    leaves.push(admission.enter(1, 1e9));
  }
  return leaves;
}

const isBusy = (error: unknown): boolean => error instanceof EngineError && error.code === 'engine_busy';

describe('admission', () => {
  it('refuses an image whose stay would be more than half of its deadline', () => {
    const { clock, admission } = open();
    // 100 inside, 100 a second: a stay of one second.
    steady(clock, admission, 100, 10, 10_000);
    assert.throws(() => admission.enter(1, 1900), isBusy);
    admission.enter(1, 2200);
  });

  it('says how long and against which deadline', () => {
    const { clock, admission } = open();
    steady(clock, admission, 100, 10, 10_000);
    assert.throws(() => admission.enter(1, 500), /100 images .* about 1\.0 s.* deadline of 0\.5 s/);
  });

  it('takes anything when nothing is inside, however slow it was and however short the deadline', () => {
    const { clock, admission } = open();
    for (const leave of steady(clock, admission, 100, 1000, 60_000)) leave();
    admission.enter(64, 1);
  });

  it('takes a few at any rate, so that it finds out when the engine is quick again', () => {
    const { clock, admission } = open();
    for (const leave of steady(clock, admission, 33, 10_000, 600_000)) leave();
    for (let i = 0; i < 33; i++) admission.enter(1, 1);
    assert.throws(() => admission.enter(1, 1), isBusy);
  });

  it('does not refuse a burst before it knows a rate', () => {
    const { admission } = open();
    for (let i = 0; i < 1000; i++) admission.enter(1, 1);
  });

  it('counts the images of a request as they are measured, each once', () => {
    const { clock, admission } = open();
    const leave = admission.enter(64, 10_000);
    for (let i = 0; i < 20; i++) {
      clock.now += 40;
      leave(1);
    }
    // 44 inside at 25 a second.
    admission.enter(1, 4000);
    assert.throws(() => admission.enter(1, 3000), isBusy);
    leave();
    leave(1);
    admission.enter(1, 1);
  });

  it('does not count time without work against the rate', () => {
    const { clock, admission } = open();
    for (const leave of steady(clock, admission, 100, 10, 10_000)) leave();
    clock.now += 3_600_000;
    steady(clock, admission, 60, 10, 100);
    // 60 inside at no less than 100 a second: more, since the first hundred have left all at once.
    admission.enter(1, 1500);
    assert.throws(() => admission.enter(1, 700), isBusy);
  });

  it('refuses everything but a few while nothing leaves', () => {
    const { clock, admission } = open();
    const leaves = steady(clock, admission, 40, 10, 5_000);
    clock.now += 15_000;
    assert.throws(() => admission.enter(1, 10_000), isBusy);
    for (const leave of leaves.slice(0, 10)) leave();
    admission.enter(1, 10_000);
  });
});
