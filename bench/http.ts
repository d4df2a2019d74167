/**
 * What does a prediction cost over HTTP, and what of it is the gate? Predictions a second and latency at 1, 8
 * and 64 connections, of the service, of the same one that keeps no images of automatic answers, of one that
 * only classifies, and of the engine alone;
 * /healthz and the event loop under full load; and the processor time of a prediction by where it is spent.
 *
 *     node bench/http.ts [--short] [connections …]
 */
import autocannon from 'autocannon';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createDecode } from '../src/model/decode.ts';
import { readGate } from '../src/gate/read-gate.ts';
import { loadModel, type Model } from '../src/model/load.ts';
import { procedureFor, gateFile, measureAll } from './procedure.ts';
import {
  check,
  describeMachine,
  median,
  mobileNet,
  openEngine,
  quantile,
  raw,
  result,
  root,
  photographs,
  short,
} from './harness.ts';
import { type BenchService, childrenOf, processorSeconds, startService } from './service.ts';

const ROUNDS = short ? 1 : 3;
/** Long enough that the requests which are open at the end, and do not count, are few. */
const LEAST_SECONDS = short ? 1 : 6;
const given = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const CONNECTIONS = given.length > 0 ? given.map(Number) : short ? [8] : [1, 8, 64];

interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly health99: number;
  readonly spent: Spent;
}

/** Milliseconds of processor time a prediction. */
interface Spent {
  /** The service's event loop: HTTP, hashes, messages, records. */
  readonly loop: number;
  /** Its other threads: decoding, and collecting garbage. */
  readonly decoding: number;
  readonly engine: number;
  /** Whoever sends the requests, on the same cores. */
  readonly client: number;
}

async function spentBy(service: BenchService): Promise<Spent> {
  const { first: loop, others: decoding } = await processorSeconds(service.pid);
  let engine = 0;
  for (const pid of await childrenOf(service.pid)) {
    const { first, others } = await processorSeconds(pid);
    engine += first + others;
  }
  const { user, system } = process.cpuUsage();
  return { loop, decoding, engine, client: (user + system) / 1e6 };
}

async function load(
  service: BenchService,
  images: readonly Buffer[],
  type: string,
  connections: number,
  seconds: number,
): Promise<Load> {
  const before = await spentBy(service);
  const probe = new Worker(new URL('./health.ts', import.meta.url), { workerData: { url: service.url } });
  const health = once(probe, 'message') as Promise<[number[]]>;
  const requests = images.map((body) => ({ body, headers: { 'content-type': type } }));
  let opened = 0;
  const run = await autocannon({
    url: `${service.url}/v1/predictions`,
    method: 'POST',
    connections,
    duration: seconds,
    timeout: 60,
    requests,
    // Every connection begins elsewhere: a slow model comes to the first few images of each only, and these
    // are to be all of them.
    setupClient: (client) => {
      const first = Math.floor((opened++ * images.length) / connections);
      client.setRequests([...requests.slice(first), ...requests.slice(0, first)]);
    },
  });
  probe.postMessage('stop');
  const [milliseconds] = await health;
  check(run.non2xx === 0 && run.errors === 0, `${run.non2xx} answers were not 2xx, ${run.errors} failed`);
  const after = await spentBy(service);
  const each = (of: keyof Spent): number => (1000 * (after[of] - before[of])) / run.requests.total;
  return {
    spent: {
      loop: each('loop'),
      decoding: each('decoding'),
      engine: each('engine'),
      client: each('client'),
    },
    perSecond: run.requests.total / run.duration,
    p50: run.latency.p50,
    p99: run.latency.p99,
    health99: quantile(milliseconds, 0.99),
  };
}

interface Answered {
  readonly prediction: { readonly label: string };
  readonly sensitivity: { readonly value: number } | null;
}

async function ask(service: BenchService, body: Buffer, type: string): Promise<Answered> {
  const response = await fetch(`${service.url}/v1/predictions`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: new Uint8Array(body),
  });
  return (await response.json()) as Answered;
}

/** 99th percentile of the event loop's delay, as the service itself reports it. */
async function eventLoopDelay(service: BenchService): Promise<number> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)?.[1] ?? NaN) * 1000;
}

async function compare(
  model: Model,
  images: readonly Buffer[],
  type: string,
  secondsOf: (connections: number) => number,
): Promise<void> {
  const gate = await readGate(join(model.folder, 'gate.json'), model.digest);
  const decode = createDecode(model.manifest, 50_000_000);
  const pixels = await Promise.all(images.map(async (bytes) => (await decode(bytes)).pixels));
  const engine = await openEngine(model);
  const procedure = { plan: gate.measurement, threshold: gate.threshold };
  const expected = await measureAll(engine, model, pixels, procedure);
  const engineSpeeds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    await measureAll(engine, model, pixels, procedure);
    engineSpeeds.push((1000 * pixels.length) / (performance.now() - began));
  }
  engine.close();

  const environment = { MODEL_DIR: model.folder, LOG_LEVEL: 'warn', DEADLINE_MS: '60000' };
  const classifier = ['bench/classify-only.ts'];
  const variants = ['gated', 'unkept', 'classify', 'classify_unrecorded'] as const;
  for (const connections of CONNECTIONS) {
    const loads: Record<(typeof variants)[number], Load[]> = {
      gated: [],
      unkept: [],
      classify: [],
      classify_unrecorded: [],
    };
    let delay = NaN;
    for (let round = 0; round < ROUNDS; round++) {
      for (const variant of round % 2 === 0 ? variants : variants.toReversed()) {
        const isService = variant === 'gated' || variant === 'unkept';
        const service = isService
          ? await startService({ ...environment, ...(variant === 'unkept' ? { KEEP_AUTOMATIC: '0' } : {}) })
          : await startService({ ...environment, RECORD: variant === 'classify' ? 'yes' : 'no' }, classifier);
        for (let i = 0; i < 8; i++) {
          const answer = await ask(service, images[i]!, type);
          const wanted = model.manifest.labels[expected[i]!.predicted];
          check(
            answer.prediction.label === wanted,
            `${variant}: expected ${wanted}, got ${answer.prediction.label}`,
          );
          if (isService) check(answer.sensitivity?.value === expected[i]!.sensitivity, 'another sensitivity');
        }
        loads[variant].push(await load(service, images, type, connections, secondsOf(connections)));
        if (variant === 'gated') delay = await eventLoopDelay(service);
        await service.stop();
      }
    }
    for (const variant of variants)
      raw(
        `${variant}, ${connections} connections, /s`,
        loads[variant].map(({ perSecond }) => perSecond),
      );
    const ratioTo = (variant: (typeof variants)[number]): number =>
      median(loads.gated.map(({ perSecond }, i) => perSecond / loads[variant][i]!.perSecond));
    const of = (key: Exclude<keyof Load, 'spent'>): number => median(loads.gated.map((one) => one[key]));
    for (const variant of variants) {
      const spent = (on: keyof Spent): number => median(loads[variant].map((one) => one.spent[on]));
      result('http-spent', {
        model: model.manifest.name,
        connections,
        variant,
        loop_ms: spent('loop'),
        decoding_ms: spent('decoding'),
        engine_ms: spent('engine'),
        client_ms: spent('client'),
      });
    }
    result('http', {
      model: model.manifest.name,
      connections,
      ratio_to_unkept: ratioTo('unkept'),
      ratio_to_classify: ratioTo('classify'),
      ratio_to_unrecorded: ratioTo('classify_unrecorded'),
      ratio_to_engine: of('perSecond') / median(engineSpeeds),
      per_second: of('perSecond'),
      p50_ms: of('p50'),
      p99_ms: of('p99'),
      healthz_p99_ms: of('health99'),
      event_loop_p99_ms: delay,
    });
  }
}

describeMachine();
const folder = join(root, 'models/mnist');
const samples = join(folder, 'samples');
const digits: Buffer[] = [];
for (const label of await readdir(samples)) {
  for (const file of await readdir(join(samples, label)))
    digits.push(await readFile(join(samples, label, file)));
}
await compare(await loadModel(folder), digits, 'image/png', () => LEAST_SECONDS);

// Its calibration alone takes minutes.
const mobile = short ? null : await mobileNet();
if (mobile === null) {
  console.log('left out: MobileNetV2, which is not beside this checkout or not for the short form');
} else {
  const files = await photographs();
  const decode = createDecode(mobile.manifest, 50_000_000);
  const pixels = await Promise.all(files.map(async (bytes) => (await decode(bytes)).pixels));
  const engine = await openEngine(mobile);
  const procedure = await procedureFor(engine, mobile, pixels, 0.95);
  engine.close();
  await writeFile(join(mobile.folder, 'gate.json'), JSON.stringify(gateFile(mobile, procedure)));
  await compare(mobile, files, 'image/jpeg', (connections) => Math.max(LEAST_SECONDS, connections));
}
