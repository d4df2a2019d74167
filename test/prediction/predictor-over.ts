import { after, type TestContext } from 'node:test';
import type { Engine, EngineOptions } from '../../src/engine/engine.ts';
import type { Gate } from '../../src/gate/gate.ts';
import { createDecode, type Decoded } from '../../src/model/decode.ts';
import type { Model } from '../../src/model/load.ts';
import type { Answer } from '../../src/prediction/answer.ts';
import { createPredictor } from '../../src/prediction/create-predictor.ts';
import type { DecideOptions, Predictor } from '../../src/prediction/predictor.ts';
import type { Store } from '../../src/store/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { startEngine } from '../engine/start-engine.ts';

/** Noon of 1 January 2026, when every test takes place. */
export const NOON = Date.UTC(2026, 0, 1, 12);

export interface Served {
  readonly predictor: Predictor;
  readonly engine: Engine;
  readonly store: Store;
  /** What the service was told of each prediction. */
  readonly told: readonly { readonly answer: Answer; readonly passes: number }[];
}

export interface Changes {
  readonly gate?: Gate;
  /** For a gate that changes. */
  readonly gateNow?: () => Gate | null;
  readonly deadlineMs?: number;
  /** Otherwise the model's own. */
  readonly decode?: (bytes: Uint8Array) => Promise<Decoded>;
  /** Measurements that may be open at once. */
  readonly queueLimit?: number;
  /** Another predictor, whose engine and queue this one shares, as a replica shares its database. */
  readonly beside?: Served;
  /** For an engine of the test's own, which it may halt and close. */
  readonly engine?: Partial<EngineOptions>;
}

/** One for all tests of a file that only ask it to measure with the same model. */
const shared = new Map<Model, Engine>();
after(() => {
  for (const engine of shared.values()) engine.close();
});

function sharedEngine(model: Model): Engine {
  const engine = shared.get(model) ?? startEngine(model);
  shared.set(model, engine);
  return engine;
}

/** The real predictor over the real engine and queue; ids are `id-1`, `id-2`, …. */
export async function predictorOver(t: TestContext, model: Model, changes: Changes = {}): Promise<Served> {
  const { beside } = changes;
  const engine =
    beside?.engine ?? (changes.engine ? startEngine(model, changes.engine) : sharedEngine(model));
  const store = beside?.store ?? (await openSqliteStore({ file: ':memory:', now: () => NOON }));
  t.after(async () => {
    if (changes.engine) engine.close();
    await store.close();
  });
  const told: { answer: Answer; passes: number }[] = [];
  let ids = 0;
  const predictor = createPredictor({
    model,
    decode: changes.decode ?? createDecode(model.manifest, 1_000_000),
    engine,
    gate: changes.gateNow ?? (() => changes.gate ?? null),
    store,
    joinSame: false,
    kept: { chanceOf: () => 0, add: () => undefined },
    deadlineMs: changes.deadlineMs ?? 60_000,
    queueLimit: changes.queueLimit ?? 1000,
    newId: () => `${beside ? 'other' : 'id'}-${++ids}`,
    now: () => NOON,
    onPrediction: (answer, passes) => told.push({ answer, passes }),
  });
  return { predictor, engine, store, told };
}

/** What `predictor` answers about images, without a key. */
export async function answersTo(
  predictor: Predictor,
  images: readonly Uint8Array[],
  options: DecideOptions = {},
): Promise<readonly Answer[]> {
  const inputs = { kind: 'images', images } as const;
  return (await predictor.decide({ inputs, caller: 'test', key: null, options })).answers;
}
