import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { GateFile } from '../../src/gate/gate.ts';
import type { Reference } from '../../src/gate/reference.ts';
import { alarmSight } from '../../src/study/calibration/alarm-sight.ts';
import { fashionMnist } from '../commands/service.ts';

const shipped = JSON.parse(await readFile(join(fashionMnist, 'gate.json'), 'utf8')) as GateFile;

const gateWith = (reference: Reference): GateFile => ({
  ...shipped,
  calibration: { ...shipped.calibration, reference },
});

describe('what calibrate says that the alarm can see', () => {
  it('is 3% junk within 4,000 images by 2,000 certification images, of which 1% are unfamiliar', () => {
    const labels = new Array<number>(10).fill(200);
    const sight = alarmSight(gateWith({ images: 2000, unfamiliar: 20, tails: [], labels }))!;
    assert.deepEqual(
      sight.map(({ within }) => within),
      [1000, 4000, 20_000],
    );
    const [soon, later, late] = sight.map(({ share }) => share);
    assert.ok(soon! > later! && later! > late! && later! <= 0.03, `${soon} ${later} ${late}`);
  });

  it('is nothing where the gate has no familiarity', () => {
    const labels = new Array<number>(10).fill(200);
    assert.equal(alarmSight(gateWith({ images: 2000, unfamiliar: null, tails: [], labels })), null);
  });
});
