/**
 * One caller sends images that are made to take long or much, of eight kinds at a time, without a quota and
 * each again as soon as it is answered (`decode-attacker.ts`). Another sends 1,000 small images over 4
 * connections, before, under and after that, again and again. Under attack its median must stay within twice
 * and its 99th percentile within four times the greater of those just before and after. All processes
 * together must stay below the memory of the pod in `k8s/base`, /healthz must answer, and a key that is
 * withdrawn must be dead within 5 s.
 *
 *     node faults/run.ts decode-work
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Predicted, sendRequest } from './client-log.ts';
import { attempt, check, finallyDo, long, newFolder, quantile, root } from './harness.ts';
import { sha256 } from './images.ts';
import { survived } from './report.ts';
import { openScene } from './scene.ts';
import { heldBy } from './service.ts';

const RUNS = long ? 10 : 3;
const REQUESTS = 1_000;
const CONNECTIONS = 4;
const MEDIAN_TIMES = 2;
const P99_TIMES = 4;
const SAMPLE_MS = 200;
/** Until each of the attacker's kinds is under way. */
const UNDER_WAY_MS = 2_000;
const REST_MS = 3_000;
const PROBES_WITHIN_MS = 3_000;
const WITHDRAWN_WITHIN_MS = 5_000;
const ATTACKER = join(root, 'faults/decode-attacker.ts');
/** As in `k8s/base/config-map.yaml`. */
const ENGINE = { ENGINE_PROCESSES: '1', ENGINE_THREADS: '2' };

interface Figures {
  readonly median: number;
  readonly p99: number;
}

function podMemoryMb(): number {
  const text = readFileSync(join(root, 'k8s/base/deployment.yaml'), 'utf8');
  const [, gibibytes] = /limits:[^]*?memory: (\d+)Gi/.exec(text) ?? [];
  check(gibibytes !== undefined, 'k8s/base/deployment.yaml says no limit of memory in Gi');
  return 1024 * Number(gibibytes);
}

const figuresOf = (answers: readonly Predicted[]): Figures => {
  const times = answers.map(({ milliseconds }) => milliseconds);
  return { median: quantile(times, 0.5), p99: quantile(times, 0.99) };
};
const shown = ({ median, p99 }: Figures): string => `${median.toFixed(1)}/${p99.toFixed(1)}`;

await attempt(async () => {
  const keysFile = join(await newFolder(), 'keys.json');
  const keys = { victim: newKey(), attacker: newKey(), withdrawn: newKey() };
  const writeKeys = (names: readonly (keyof typeof keys)[]): void => {
    const entries = names.map((id) => {
      const hash = sha256(Buffer.from(keys[id]));
      return { id, sha256: hash, scopes: ['predict'], rate_per_minute: 1_000_000 };
    });
    writeFileSync(`${keysFile}.new`, JSON.stringify(entries));
    renameSync(`${keysFile}.new`, keysFile);
  };
  writeKeys(['victim', 'attacker', 'withdrawn']);
  const authorization = (key: string): Readonly<Record<string, string>> => ({
    authorization: `Bearer ${key}`,
  });
  const scene = await openScene(null, { headers: authorization(keys.victim) });
  const service = await scene.start({
    environment: { ...ENGINE, API_KEYS_FILE: keysFile, KEEP_METADATA: 'false' },
  });
  // Not kept: what is sent on a connection that is being closed is lost.
  const agent = new Agent();

  let mostMb = 0;
  let most = '';
  let slowestProbeMs = 0;
  const watching = new AbortController();
  const watched = (async () => {
    while (!watching.signal.aborted) {
      const { serviceMb, engineMb, decoderMb } = await heldBy(service.pid);
      const allMb = serviceMb + engineMb + decoderMb;
      if (allMb > mostMb) most = [serviceMb, engineMb, decoderMb].map(Math.round).join(' + ');
      mostMb = Math.max(mostMb, allMb);
      const probe = await sendRequest(agent, `${service.url}/healthz`, { timeoutMs: PROBES_WITHIN_MS });
      check(probe.status === 200, `/healthz answers ${probe.status}`);
      slowestProbeMs = Math.max(slowestProbeMs, probe.milliseconds);
      await sleep(SAMPLE_MS);
    }
  })();
  watched.catch(() => undefined);

  const small = async (): Promise<Figures> => {
    const answers: Predicted[] = [];
    let left = REQUESTS;
    const send = async (): Promise<void> => {
      while (left-- > 0) answers.push(await scene.client.predict());
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, send));
    const odd = answers.filter(({ status }) => status !== 200 && status !== 202);
    check(odd.length === 0, `small images are refused: ${JSON.stringify(odd.slice(0, 3))}`);
    return figuresOf(answers);
  };

  const answered = new Map<string, number>();
  const attack = async (): Promise<() => Promise<void>> => {
    const child = spawn(process.execPath, [ATTACKER, service.url, keys.attacker], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const kill = (): void => {
      child.kill('SIGKILL');
    };
    finallyDo(kill);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    check((await lines.next()).value === 'ready', 'the attacker did not begin');
    await sleep(UNDER_WAY_MS);
    return async () => {
      check(child.exitCode === null && child.signalCode === null, 'the attacker ended by itself');
      child.kill('SIGTERM');
      const { value } = (await lines.next()) as { value: string };
      for (const [kind, count] of Object.entries(JSON.parse(value) as Record<string, number>)) {
        answered.set(kind, (answered.get(kind) ?? 0) + count);
      }
    };
  };

  await small();
  const said: string[] = [];
  const broken: string[] = [];
  let before = await small();
  for (let run = 0; run < RUNS; run++) {
    const stop = await attack();
    const under = await small();
    await stop();
    // What it had sent is over when its deadline is.
    await sleep(REST_MS);
    const after = await small();
    const line = `${shown(before)}, attacked ${shown(under)}, ${shown(after)}`;
    console.log(`  median/p99 ms before ${line} after; at most ${most} MB so far`);
    said.push(line);
    const usual = { median: Math.max(before.median, after.median), p99: Math.max(before.p99, after.p99) };
    if (under.median > MEDIAN_TIMES * usual.median || under.p99 > P99_TIMES * usual.p99) broken.push(line);
    before = after;
  }

  const stop = await attack();
  const began = performance.now();
  writeKeys(['victim', 'attacker']);
  const isGood = async (): Promise<boolean> => {
    const url = `${service.url}/v1/predictions/01ARZ3NDEKTSV4RRFFQ69G5FAV`;
    return (await sendRequest(agent, url, { headers: authorization(keys.withdrawn) })).status !== 401;
  };
  while (await isGood()) {
    const passed = performance.now() - began;
    check(passed < WITHDRAWN_WITHIN_MS, `a withdrawn key works ${Math.round(passed)} ms later`);
    await sleep(50);
  }
  const withdrawnMs = performance.now() - began;
  await stop();
  watching.abort();
  await watched;
  await service.stop();

  const podMb = podMemoryMb();
  const attacked = [...answered.values()].reduce((sum, count) => sum + count, 0);
  const kinds = [...answered].map(([kind, count]) => `${count} × ${kind}`).join(', ');
  console.log(`  attacker: ${kinds}`);
  check(mostMb < podMb, `all processes hold ${most} MB, the pod has ${podMb}`);
  check(broken.length === 0, `small images wait too long: ${broken.join('; ')}`);
  const found = await scene.examine();
  survived({
    fault: 'images that are made to take long',
    done: `${RUNS} × ${REQUESTS} small beside ${attacked}`,
    // What the attacker's images came to is no part of the log.
    found: { ...found, unasked: found.unasked.filter((one) => !one.startsWith('nobody sent')) },
    note:
      `load ${loadavg()[0]!.toFixed(1)}; median/p99 ms before, attacked, after: ${said.join('; ')}; ` +
      `at most ${most} MB of ${podMb}; /healthz within ${Math.round(slowestProbeMs)} ms; ` +
      `a withdrawn key dead after ${Math.round(withdrawnMs)} ms`,
  });
});

function newKey(): string {
  return randomBytes(32).toString('hex');
}
