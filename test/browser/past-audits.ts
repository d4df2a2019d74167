import { join } from 'node:path';
import { readGate } from '../../src/gate/read-gate.ts';
import { loadModel } from '../../src/model/load.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { recordAudit } from '../../support/store-fixture.ts';
import { fashionMnist } from '../commands/service.ts';

const DAY_MS = 24 * 3600 * 1000;

/**
 * Writes what a service on `dataDir` would have stored over `days` days up to today: on each so many audits
 * of automatic labels, every `wrongEvery`th of which people label otherwise. Their images are deleted
 * already.
 */
export async function writePastAudits(
  dataDir: string,
  gateFile: string,
  {
    days,
    audits,
    wrongEvery,
  }: { readonly days: number; readonly audits: number; readonly wrongEvery: number },
): Promise<void> {
  const { digest, manifest } = await loadModel(fashionMnist);
  const [machine, other] = [manifest.labels[0]!, manifest.labels[6]!];
  const gate = await readGate(gateFile, digest);
  const todayMs = new Date().setUTCHours(0, 0, 0, 0);
  let now = todayMs;
  const queue = await openSqliteStore({ file: join(dataDir, 'sensigate.db'), now: () => now });
  let made = 0;
  for (let day = days - 1; day >= 0; day--) {
    now = todayMs - day * DAY_MS;
    const ids = Array.from(
      { length: audits },
      () => `00000000000000000000${String(++made).padStart(6, '0')}`,
    );
    await Promise.all(
      ids.map((id) =>
        recordAudit(queue, {
          id,
          createdMs: now,
          caller: 'shop',
          inputHash: id,
          modelDigest: digest,
          gateId: gate.id,
          decision: 'auto',
          inclusionProbability: 0.01,
          predictedLabel: machine,
          priority: 0,
          answer: {},
        }),
      ),
    );
    // Ann looks at all, and Bob at those that Ann doubts.
    for (const reviewer of ['ann', 'bob']) {
      const claims = await queue.reviewing.claim({
        ...{ reviewer, modelDigest: digest, limit: audits, leaseMs: 60_000 },
      });
      await Promise.all(
        claims.map(({ prediction, review: { id }, lease }) => {
          const label = Number(prediction.id) % wrongEvery === 0 ? other : machine;
          return queue.reviewing.label(id, lease, { label, reviewer, note: null });
        }),
      );
    }
  }
  await queue.close();
}
