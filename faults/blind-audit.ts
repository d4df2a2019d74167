/**
 * Callers, exporters, both together, and reviewers try to learn which automatic answers are audited, on real
 * services with their database on disk. Two services share it: one lets every image through and audits half
 * of the answers, the other sends every image to people, so that reviewers find the same kind of pictures on
 * both sides. Each adversary fits a classifier to all that it gets, times too, on one half, and must do no
 * better than chance on the other: an AUROC within 0.45 and 0.55, on a second try at the latest.
 *
 *     node faults/run.ts blind-audit
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { createUniform } from '../src/numerics/random.ts';
import { exportCuriously, predictCuriously } from '../support/adversary/caller.ts';
import type { Notes } from '../support/adversary/notes.ts';
import { type Access, reviewCuriously } from '../support/adversary/reviewer.ts';
import { tellApart } from '../support/adversary/tell-apart.ts';
import { freePort } from '../support/free-port.ts';
import { VALID_GATES, type ValidGate } from './gate-files.ts';
import { attempt, check, newFolder, seed } from './harness.ts';
import { sha256, uniqueImages } from './images.ts';
import { survived } from './report.ts';
import { startService } from './service.ts';

/** Of each kind. */
const ITEMS = 1000;
/** What a caller may hang on an image, so that writing it takes long. */
const BALLAST_BYTES = 32 * 1024;
/** Longer than an audit takes to enter the queue. */
const ENTERED_MS = 3000;

const all = { threshold: 0, confidence_floor: 0, familiarity: null };
const lax = gateWith(VALID_GATES[2]!, { ...all, sensitivity_limit: 1e6 });
const strict = gateWith(VALID_GATES[2]!, { ...all, sensitivity_limit: 1e-12 });

function gateWith({ text }: ValidGate, changes: Readonly<Record<string, number | null>>): string {
  return JSON.stringify({ ...(JSON.parse(text) as object), ...changes });
}

interface Keys {
  readonly file: string;
  readonly of: (scope: string) => string;
}

async function newKeys(): Promise<Keys> {
  const file = join(await newFolder(), 'keys.json');
  const keys = new Map(
    ['predict', 'review', 'export'].map((scope) => [scope, randomBytes(24).toString('hex')]),
  );
  const entries = [...keys].map(([scope, key]) => ({
    ...{ id: scope, sha256: sha256(Buffer.from(key)), scopes: [scope] },
  }));
  writeFileSync(file, JSON.stringify(entries));
  return { file, of: (scope) => keys.get(scope)! };
}

function accessOf(
  url: string,
  key: string,
): Access & { send: (path: string, init: RequestInit) => Promise<Response> } {
  const send = (path: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${key}`);
    return fetch(url + path, { ...init, headers });
  };
  const json = (method: string) => (path: string, body: unknown) =>
    send(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  return { send, get: (path) => send(path, {}), post: json('POST'), put: json('PUT') };
}

/** Of the adversary's scope, the AUROC on fresh traffic. */
async function traffic(round: number): Promise<ReadonlyMap<string, number>> {
  const random = createUniform(Uint32Array.of(seed, round, 5, 6));
  const folder = await newFolder();
  const keys = await newKeys();
  const start = async (gate: string, name: string): Promise<string> => {
    const gateFile = join(folder, `${name}.json`);
    writeFileSync(gateFile, gate);
    const environment = {
      ...{
        DATA_DIR: join(folder, 'data'),
        SHARED_SQLITE: 'true',
        API_KEYS_FILE: keys.file,
        GATE_FILE: gateFile,
      },
      ...{ AUDIT_RATE: '0.5', RATE_LIMIT_PER_MINUTE: '0', KEEP_METADATA: 'true', ENGINE_PROCESSES: '1' },
      // Each picture is another, and none is left out.
      MAX_OPEN_ITEMS: '0',
    };
    return (await startService({ port: await freePort(), environment })).url;
  };
  const [laxUrl, strictUrl] = [await start(lax, 'lax'), await start(strict, 'strict')];
  const nthImage = await uniqueImages();
  const picture = (n: number): Buffer => Buffer.concat([nthImage(n).bytes, Buffer.alloc(BALLAST_BYTES, n)]);

  const asked = accessOf(laxUrl, keys.of('predict'));
  const strictly = accessOf(strictUrl, keys.of('predict'));
  let flagged = 0;
  const flag = async (): Promise<void> => {
    const headers = { 'content-type': 'image/png' };
    const body = new Uint8Array(picture(2 * ITEMS + flagged++));
    const { status } = await strictly.send('/v1/predictions', { method: 'POST', headers, body });
    check(status === 202, `expected 202 from the service that sends everything to people, got ${status}`);
  };
  const asCaller = await predictCuriously(
    {
      post: async (image, key) => {
        if (flagged < ITEMS && random() < 0.5) await flag();
        if (random() < 0.2) await sleep(random() * 5);
        const headers = { 'content-type': 'image/png', 'idempotency-key': key };
        return asked.send('/v1/predictions', { method: 'POST', headers, body: new Uint8Array(image) });
      },
      get: asked.get,
    },
    Array.from({ length: 2 * ITEMS }, (_, n) => picture(n)),
    async () => {
      while (flagged < ITEMS) await flag();
      await sleep(ENTERED_MS);
    },
  );
  const exporter = accessOf(laxUrl, keys.of('export'));
  await exporter.post('/v1/labels/seal', {});
  const asExporter = await exportCuriously(exporter.get);

  const database = new DatabaseSync(join(folder, 'data/sensigate.db'), { readOnly: true });
  const rows = database
    .prepare('SELECT id, prediction_id FROM items WHERE inclusion_probability IS NOT NULL')
    .all() as { id: string; prediction_id: string }[];
  database.close();
  const audited = new Set(rows.map((row) => row.prediction_id));
  const audits = new Set(rows.map((row) => row.id));
  check(
    Math.abs(audited.size - ITEMS) <= 10,
    `expected about ${ITEMS} audits of ${2 * ITEMS} automatic answers, one of each two; got ${audited.size}`,
  );
  check(asExporter.size === 2 * ITEMS, `expected a label of each automatic answer, got ${asExporter.size}`);
  const asReviewer = await reviewCuriously(accessOf(strictUrl, keys.of('review')), {
    ...{ batch: 50, label: 'Shirt' },
    closer: () => random() < 0.02,
    findsNone: () => random() < 0.2,
  });
  check(asReviewer.size === rows.length + ITEMS, `a reviewer got ${asReviewer.size} items`);

  const judge = (ids: readonly string[], notesOf: (id: string) => Notes, among: ReadonlySet<string>) => {
    const verdict = tellApart(
      ids.map(notesOf),
      ids.map((id) => among.has(id)),
      random,
    );
    console.log(`  AUROC ${verdict.auroc.toFixed(3)}; ${verdict.loudest.slice(0, 3).join('; ')}`);
    return verdict.auroc;
  };
  const ids = [...asCaller.keys()];
  return new Map([
    ['predict', judge(ids, (id) => asCaller.get(id)!, audited)],
    ['export', judge(ids, (id) => asExporter.get(id)!, audited)],
    [
      'predict and export',
      judge(ids, (id) => new Map([...asCaller.get(id)!, ...asExporter.get(id)!]), audited),
    ],
    ['review', judge([...asReviewer.keys()], (id) => asReviewer.get(id)!, audits)],
  ]);
}

const isBlind = (auroc: number): boolean => auroc >= 0.45 && auroc <= 0.55;

await attempt(async () => {
  const first = await traffic(1);
  const told = [...first].filter(([, auroc]) => !isBlind(auroc));
  const second = told.length === 0 ? first : await traffic(2);
  for (const [scope] of told) {
    const again = second.get(scope)!;
    check(
      isBlind(again),
      `${scope}: AUROC ${first.get(scope)!.toFixed(3)}, and ${again.toFixed(3)} on the second try`,
    );
  }
  survived({
    fault: 'adversaries of blind audits',
    done: `${ITEMS} audits and ${ITEMS} others of each kind`,
    found: null,
    note: [...second].map(([scope, auroc]) => `${scope} ${auroc.toFixed(3)}`).join(', '),
  });
});
