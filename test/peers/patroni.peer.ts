/**
 * The primary changes places by the real Patroni, as an operator asks for it and as a machine that is gone
 * makes it, while two replicas of the service are asked for predictions, each under a key of its own and
 * again until it is answered, and reviewers claim and label.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPostgres } from '../../faults/checker.ts';
import { type NthImage, uniqueImages } from '../../faults/images.ts';
import { type PatroniCluster, startPatroni, whyNoPatroni } from '../../support/patroni.ts';
import { endServices, newDataDir, type Service, startService } from '../commands/service.ts';

const PREDICTING = 6;
const REVIEWING = 2;
const LABELS = ['Bag', 'Coat', 'Dress', 'Shirt'];
/** Longer than all of a test, so that no lease ends by itself. */
const LEASE_SECONDS = 600;
/** For a request again after one that was not answered. */
const PAUSE_MS = 100;
const RECOVERS_WITHIN_MS = 60_000;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** What was acknowledged, over all of this file, so that the database can be held against it. */
interface Acknowledged {
  /** Id of each prediction, by the key that it was asked for with. */
  readonly predicted: Map<string, string>;
  /** Label of each item. */
  readonly labelled: Map<string, string>;
  /** Answers that should not have come. */
  readonly wrong: string[];
}

interface Load {
  /** Tries that got 503 or no answer. */
  readonly refused: number;
  /** Ends once every request that was begun is answered. */
  readonly stop: () => Promise<void>;
  /** Sends nothing again, whatever is not answered yet: for a test that has failed. */
  readonly abandon: () => void;
}

/** Predicts and reviews, by turns with each replica, and sends each request again until it is answered. */
function createLoad(nthImage: NthImage, { predicted, labelled, wrong }: Acknowledged) {
  let sent = 0;

  return (services: readonly Service[]): Load => {
    let [tries, refused, stopped, abandoned] = [0, 0, false, false];

    const insist = async (path: string, init: RequestInit): Promise<Answer> => {
      while (!abandoned) {
        const { url } = services[tries++ % services.length]!;
        const answer = await fetch(url + path, init).catch(() => null);
        const text = (await answer?.text().catch(() => null)) ?? null;
        const isLater = answer?.status === 503 || text?.includes('"idempotency_key_in_use"') === true;
        if (answer !== null && text !== null && !isLater) return { status: answer.status, text };
        refused++;
        await sleep(PAUSE_MS);
      }
      return { status: 0, text: 'given up' };
    };
    const json = (method: string, body: unknown): RequestInit => ({
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

    const predicting = async (): Promise<void> => {
      while (!stopped) {
        const n = sent++;
        const key = `request-${n}`;
        const { status, text } = await insist('/v1/predictions', {
          method: 'POST',
          headers: { 'content-type': 'image/png', 'idempotency-key': `"${key}"` },
          body: new Uint8Array(nthImage(n).bytes),
        });
        if (status === 202) predicted.set(key, (JSON.parse(text) as { id: string }).id);
        else wrong.push(`${key} was answered ${status}: ${text}`);
      }
    };
    const reviewing = async (): Promise<void> => {
      while (!stopped) {
        const claim = json('POST', { limit: 3, lease_seconds: LEASE_SECONDS });
        const claimed = await insist('/v1/reviews/claim', claim);
        if (claimed.status !== 200) {
          wrong.push(`a claim was answered ${claimed.status}: ${claimed.text}`);
          continue;
        }
        for (const { id, lease } of JSON.parse(claimed.text) as { id: string; lease: string }[]) {
          if (labelled.has(id)) wrong.push(`${id} was given out again after its label was acknowledged`);
          const label = LABELS[labelled.size % LABELS.length]!;
          const { status, text } = await insist(`/v1/reviews/${id}/label`, json('PUT', { label, lease }));
          if (status === 204) labelled.set(id, label);
          else wrong.push(`the label of ${id} was answered ${status}: ${text}`);
        }
        await sleep(PAUSE_MS);
      }
    };
    const working = [
      ...Array.from({ length: PREDICTING }, predicting),
      ...Array.from({ length: REVIEWING }, reviewing),
    ];
    return {
      get refused() {
        return refused;
      },
      stop: async () => {
        stopped = true;
        await Promise.all(working);
      },
      abandon: () => {
        stopped = abandoned = true;
      },
    };
  };
}

/** Waits until more is acknowledged than was under way; how many milliseconds that took. */
async function goesOn({ predicted, labelled }: Acknowledged): Promise<number> {
  const [predictions, labels, began] = [predicted.size, labelled.size, performance.now()];
  while (predicted.size <= predictions + PREDICTING || labelled.size <= labels + REVIEWING) {
    assert.ok(performance.now() - began < RECOVERS_WITHIN_MS, 'it does not go on by itself');
    await sleep(10);
  }
  return Math.round(performance.now() - began);
}

const why = await whyNoPatroni();

describe('under Patroni', { skip: why ?? false }, () => {
  const acknowledged: Acknowledged = { predicted: new Map(), labelled: new Map(), wrong: [] };
  let cluster: PatroniCluster;
  let services: Service[];
  let startLoad: ReturnType<typeof createLoad>;
  before(async () => {
    cluster = await startPatroni();
    // The standby first.
    const hosts = cluster.ports.toReversed().map((port) => `127.0.0.1:${port}`);
    const url = `postgres://postgres:password@${hosts.join(',')}/postgres?target_session_attrs=read-write`;
    const environment = { DATABASE_URL: url, GATE_FILE: '/nowhere/gate.json', DATA_DIR: await newDataDir() };
    services = await Promise.all([1, 2].map(() => startService(environment)));
    startLoad = createLoad(await uniqueImages(), acknowledged);
  });
  after(async () => {
    endServices();
    await cluster.stop();
  });

  /** Everything acknowledged is there, and nothing besides, nor twice: each key's answer is known by now. */
  async function holdsAll(): Promise<void> {
    const { predicted, labelled, wrong } = acknowledged;
    assert.deepEqual(wrong, []);
    const port = cluster.ports[await cluster.leader()];
    const { predictions, items, images } = await readPostgres(
      `postgres://postgres:password@127.0.0.1:${port}/postgres`,
    );
    assert.deepEqual(predictions.map(({ id }) => id).sort(), [...predicted.values()].sort());
    assert.equal(new Set(predictions.map(({ inputHash }) => inputHash)).size, predictions.length);
    for (const id of predicted.values()) assert.ok(images.has(id), `the image of ${id} is lost`);
    for (const [id, label] of labelled) {
      const item = items.get(id);
      assert.deepEqual([item?.outcome, item?.label], ['labelled', label], id);
    }
  }

  async function survives(
    t: TestContext,
    what: () => Promise<void>,
    then: () => Promise<void>,
  ): Promise<void> {
    const load = startLoad(services);
    t.after(() => {
      load.abandon();
    });
    await goesOn(acknowledged);
    await what();
    const milliseconds = await goesOn(acknowledged);
    await then();
    await goesOn(acknowledged);
    await load.stop();
    await holdsAll();
    const { predicted, labelled } = acknowledged;
    t.diagnostic(
      `${predicted.size} predictions and ${labelled.size} labels so far; ${load.refused} tries were answered ` +
        `503 or not at all; went on at most ${milliseconds} ms after the other had taken over`,
    );
  }

  it('a switchover, and one back, lose nothing and double nothing, and the service goes on by itself', (t) =>
    survives(
      t,
      () => cluster.switchOver(),
      () => cluster.switchOver(),
    ));

  it('a leader that is killed takes nothing with it, and comes back as a standby', (t) =>
    survives(
      t,
      () => cluster.failOver(),
      () => cluster.revive(),
    ));
});
