import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { canonicalJson } from '../src/model/digest.ts';
import { type ExpectedGate, expectedOf, type GateJson } from './checker.ts';
import { pick, root } from './harness.ts';
import { sha256 } from './images.ts';

/** A gate file that the service must take, and what stands in it. */
export interface ValidGate {
  readonly id: string;
  readonly text: string;
  readonly expected: ExpectedGate;
}

const shipped = readFileSync(join(root, 'models/fashion-mnist/gate.json'), 'utf8');

function changed(changes: Partial<GateJson>): GateJson {
  return { ...(JSON.parse(shipped) as GateJson), ...changes };
}

function validGate(changes: Partial<GateJson>): ValidGate {
  const file = changed(changes);
  const id = sha256(Buffer.from(canonicalJson(file))).slice(0, 16);
  return { id, text: JSON.stringify(file), expected: expectedOf(file) };
}

/** So unlike each other that an answer by the wrong one of them shows. */
export const VALID_GATES: readonly ValidGate[] = [
  validGate({}),
  validGate({ threshold: 0.98, confidence_floor: 0.98, sensitivity_limit: 0.01 }),
  validGate({ threshold: 0.05, confidence_floor: 0.05, sensitivity_limit: 40 }),
];

const { name } = changed({}).model;

/** What must not become the gate; null where there is no file at all. */
export const BAD_GATES: Readonly<Record<string, string | null>> = {
  removed: null,
  empty: '',
  'half-written': shipped.slice(0, shipped.length / 2),
  'of another model': JSON.stringify(changed({ model: { name, digest: `sha256:${'0'.repeat(64)}` } })),
  'limit below zero': JSON.stringify(changed({ sensitivity_limit: -1 })),
};

/**
 * Replaces the file as people and programs do: by renaming another over it, by writing into it in two
 * pieces, or by turning a symlink round as the kubelet does with a mounted ConfigMap.
 */
export async function replaceGate(path: string, text: string | null): Promise<void> {
  if (text === null) {
    rmSync(path, { force: true });
    return;
  }
  const way = pick(['rename', 'in place', 'symlink'] as const);
  if (way === 'in place') {
    writeFileSync(path, text.slice(0, text.length / 3));
    await sleep(5);
    writeFileSync(path, text);
    return;
  }
  const beside = `${path}.${sha256(Buffer.from(text)).slice(0, 8)}`;
  if (way === 'rename') {
    writeFileSync(`${beside}.new`, text);
    renameSync(`${beside}.new`, path);
    return;
  }
  writeFileSync(beside, text);
  rmSync(`${beside}.link`, { force: true });
  symlinkSync(beside, `${beside}.link`);
  renameSync(`${beside}.link`, path);
}
