import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GateFile } from '../src/gate/gate.ts';

/**
 * The path of a gate like the one in the model's folder, as if all its certification images had been taken
 * for the first of ten labels: whatever shows another one soon raises an alarm.
 */
export async function oneLabelGate(modelFolder: string): Promise<string> {
  const gate = JSON.parse(await readFile(join(modelFolder, 'gate.json'), 'utf8')) as GateFile;
  const labels = [2000, ...new Array<number>(9).fill(0)];
  const reference = { images: 2000, unfamiliar: null, tails: [], labels };
  const path = join(await mkdtemp(join(tmpdir(), 'sensigate-gate-')), 'gate.json');
  await writeFile(path, JSON.stringify({ ...gate, calibration: { ...gate.calibration, reference } }));
  return path;
}
