import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fashionMnist, newDataDir, post, samples, type Service, startService } from '../commands/service.ts';
import { sha256 } from '../fronts/http/keys.ts';

/** What starts the same service again, on the same data. */
export type Environment = Record<string, string>;

/** The real service with the shipped model, and `count` real images of it that wait for a person. */
export async function serviceWithItems(
  count: number,
  more: Environment = {},
): Promise<{ service: Service; environment: Environment }> {
  const environment = { DATA_DIR: await newDataDir(), GATE_FILE: await strictGate(), ...more };
  const service = await startService(environment);
  const images = (await samples(Math.ceil(count / 10))).slice(0, count);
  for (const { bytes } of images) {
    const { status } = await post(
      service,
      bytes,
      '',
      more.API_KEYS_FILE === undefined ? undefined : 'lead-key',
    );
    if (status !== 202) throw new Error(`expected each image to wait for a person; got status ${status}`);
  }
  return { service, environment };
}

/** The shipped gate, but so strict that nothing passes it. */
async function strictGate(): Promise<string> {
  const gate = JSON.parse(await readFile(join(fashionMnist, 'gate.json'), 'utf8')) as Record<string, unknown>;
  const path = join(await mkdtemp(join(tmpdir(), 'sensigate-gate-')), 'gate.json');
  await writeFile(path, JSON.stringify({ ...gate, threshold: 1e-12, sensitivity_limit: 1e-12 }));
  return path;
}

/** A file of keys: `ann-key` and `bob-key` review, `lead-key` may do everything. */
export async function keysFile(): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'sensigate-keys-')), 'keys.json');
  const key = (id: string, ...scopes: string[]) => ({ id, sha256: sha256(`${id}-key`), scopes });
  const keys = [
    key('ann', 'review'),
    key('bob', 'review'),
    key('lead', 'predict', 'review', 'export', 'admin'),
  ];
  await writeFile(path, JSON.stringify(keys));
  return path;
}

export interface Listed {
  readonly id: string;
  readonly state: string;
  readonly label: string | null;
  readonly finding: string | null;
  readonly reviewer: string | null;
}

/** Every item as a lead sees it. */
export async function itemsOf(service: Service, key?: string): Promise<Listed[]> {
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(`${service.url}/v1/reviews?limit=100`, { headers });
  return ((await response.json()) as { items: Listed[] }).items;
}
