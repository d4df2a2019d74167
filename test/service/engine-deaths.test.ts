import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import { endServices, newDataDir, post, samples, startService } from '../commands/service.ts';

after(endServices);

/** Process ids of the children of a process. */
function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

describe(
  'a service whose engine is killed at random moments under load',
  { skip: process.platform !== 'linux' && 'it finds the engine through /proc' },
  () => {
    it('answers every request, none automatically without a measurement, and each as it does in peace', async () => {
      const service = await startService({ DATA_DIR: await newDataDir(), LOG_LEVEL: 'info' });
      // 30, which are always admitted, however slow the machine makes the engine.
      const images = await samples(3);
      const peace = await Promise.all(images.map(({ bytes }) => post(service, bytes)));

      const uniform = createUniform(Uint32Array.of(6, 6, 6, 6));
      const quiet = new AbortController();
      let deaths = 0;
      const killing = (async () => {
        while (!quiet.signal.aborted) {
          await new Promise((resolve) => setTimeout(resolve, 500 + 1500 * uniform()));
          for (const pid of childrenOf(service.pid)) {
            process.kill(pid, 'SIGKILL');
            deaths++;
          }
        }
      })();
      const rounds = 40;
      let measuredAgain = 0;
      for (let round = 0; round < rounds; round++) {
        const answers = await Promise.all(images.map(({ bytes }) => post(service, bytes)));
        for (const [i, { status, body }] of answers.entries()) {
          assert.ok(status === 200 || status === 202, `status ${status}`);
          if (body.sensitivity === null) {
            assert.equal(body.decision, 'review');
            // Dead twice, or not up again before the deadline.
            assert.ok(['not_measurable', 'over_budget'].includes(body.reasons.join()), body.reasons.join());
          } else {
            assert.equal(body.sensitivity.value, peace[i]!.body.sensitivity!.value);
            assert.equal(body.decision, peace[i]!.body.decision);
            measuredAgain++;
          }
        }
      }
      quiet.abort();
      await killing;
      assert.ok(deaths >= 2, `${deaths} deaths`);
      assert.ok(measuredAgain > (rounds * images.length) / 2, `${measuredAgain} measured`);
      service.kill('SIGTERM');
      assert.equal(await service.ended, 0);
    });
  },
);
