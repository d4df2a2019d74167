import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Metrics } from '../../src/telemetry/metrics.ts';
import type { WaitingItems } from '../../src/telemetry/scraped-instruments.ts';
import type { SourceProblem } from '../../src/telemetry/scraped-source.ts';
import { smallest } from '../../src/numerics/extremes.ts';

const NOON = Date.UTC(2026, 0, 1, 12);

const prediction = {
  decision: 'auto',
  reasons: [],
  stream: 'camera-1',
  sensitivity: 1e-7,
  probes: 8,
  passes: 17,
  queueSeconds: 0.002,
  computeSeconds: 0.03,
} as const;

/** Samples by name and labels. */
async function samplesOf(metrics: Metrics): Promise<Map<string, number>> {
  const lines = (await metrics.exposition())
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

describe('Metrics', () => {
  it('counts what is expected from 0, before it happens first', async () => {
    const metrics = new Metrics();
    metrics.expectReasons(['sensitive'], ['camera-1', 'other']);
    metrics.expectRequests('POST', '/v1/predictions', [503]);
    const samples = await samplesOf(metrics);
    for (const stream of ['camera-1', 'other']) {
      const of = (labels: string) => samples.get(`sensigate_predictions_total{${labels},stream="${stream}"}`);
      assert.equal(of('decision="review",reason="sensitive"'), 0);
      // A share of automatic answers could not be told while there are none.
      assert.equal(of('decision="auto",reason="none"'), 0);
    }
    for (const agrees of ['true', 'false', 'unknown'])
      assert.equal(samples.get(`sensigate_labels_total{reason="sensitive",agrees="${agrees}"}`), 0);
    const failed = 'method="POST",route="/v1/predictions",status="503"';
    assert.equal(samples.get(`http_server_request_duration_seconds_count{${failed}}`), 0);
  });

  it('names a hundred callers, has both counts of each from the first call on, and sums up all others', async () => {
    const metrics = new Metrics();
    for (let i = 0; i < 1000; i++) metrics.countCall(`jwt:${i}`, i % 2 === 1);
    const samples = await samplesOf(metrics);
    const of = (caller: string, limited: boolean) =>
      samples.get(`sensigate_caller_requests_total{caller="${caller}",limited="${limited}"}`);
    assert.deepEqual([of('jwt:0', false), of('jwt:0', true)], [1, 0]);
    assert.deepEqual([of('other', false), of('other', true)], [450, 450]);
    const names = [...samples.keys()].filter((name) => name.startsWith('sensigate_caller_requests_total'));
    assert.equal(names.length, 202);
  });

  it('has every metric from the start, with its meaning', async () => {
    const text = await new Metrics().exposition();
    for (const name of [
      'http_server_request_duration_seconds',
      'sensigate_predictions_total',
      'sensigate_sensitivity',
      'sensigate_probes',
      'sensigate_forward_passes_total',
      'sensigate_engine_queue_seconds',
      'sensigate_engine_compute_seconds',
      'sensigate_engine_batch_rows',
      'sensigate_engine_restarts_total',
      'sensigate_review_items',
      'sensigate_review_oldest_seconds',
      'sensigate_review_lead_seconds',
      'sensigate_labels_total',
      'sensigate_gate_threshold',
      'sensigate_gate_info',
      'sensigate_gate_promised_risk',
      'sensigate_gate_reloads_total',
      'sensigate_selective_risk',
      'sensigate_sensitivity_drift',
      'sensigate_sensitivity_drift_window',
      'sensigate_calibration_sensitivity',
      'sensigate_reviewer_labels_total',
      'sensigate_model_info',
      'sensigate_build_info',
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_seconds',
    ]) {
      assert.match(text, new RegExp(`^# HELP ${name} \\S.*\n# TYPE ${name} `, 'm'), name);
    }
  });

  it('counts an automatic answer under the reason none, and a review under each of its reasons', async () => {
    const metrics = new Metrics();
    metrics.observePrediction(prediction);
    metrics.observePrediction({ ...prediction, decision: 'review', reasons: ['sensitive', 'unconfident'] });
    const samples = await samplesOf(metrics);
    assert.equal(
      samples.get('sensigate_predictions_total{decision="auto",reason="none",stream="camera-1"}'),
      1,
    );
    assert.equal(
      samples.get('sensigate_predictions_total{decision="review",reason="sensitive",stream="camera-1"}'),
      1,
    );
    assert.equal(
      samples.get('sensigate_predictions_total{decision="review",reason="unconfident",stream="camera-1"}'),
      1,
    );
    assert.equal(samples.get('sensigate_forward_passes_total'), 34);
    assert.equal(samples.get('sensigate_engine_queue_seconds_sum'), 0.004);
    assert.equal(samples.get('sensigate_engine_compute_seconds_count'), 2);
  });

  it('has buckets of sensitivity from 1e-8 to 10, and leaves out what was not measured', async () => {
    const metrics = new Metrics();
    metrics.observePrediction(prediction);
    metrics.observePrediction({
      ...prediction,
      decision: 'review',
      reasons: ['not_measurable'],
      sensitivity: null,
    });
    const samples = await samplesOf(metrics);
    const buckets = [...samples.keys()].filter((key) => key.startsWith('sensigate_sensitivity_bucket'));
    assert.equal(buckets[0], 'sensigate_sensitivity_bucket{le="1e-8"}');
    assert.equal(buckets.at(-2), 'sensigate_sensitivity_bucket{le="10"}');
    assert.equal(samples.get('sensigate_sensitivity_bucket{le="3e-8"}'), 0);
    assert.equal(samples.get('sensigate_sensitivity_bucket{le="1e-7"}'), 1);
    assert.equal(samples.get('sensigate_sensitivity_count'), 1);
  });

  it('counts labels by reason and agreement', async () => {
    const metrics = new Metrics();
    metrics.observeLabel({ reasons: ['audit'], agrees: true, leadSeconds: 60 });
    metrics.observeLabel({ reasons: ['sensitive', 'unconfident'], agrees: false, leadSeconds: 30 });
    metrics.observeLabel({ reasons: ['not_measurable'], agrees: null, leadSeconds: 10 });
    const samples = await samplesOf(metrics);
    assert.equal(samples.get('sensigate_labels_total{reason="audit",agrees="true"}'), 1);
    assert.equal(samples.get('sensigate_labels_total{reason="sensitive",agrees="false"}'), 1);
    assert.equal(samples.get('sensigate_labels_total{reason="not_measurable",agrees="unknown"}'), 1);
    assert.equal(samples.get('sensigate_review_lead_seconds_sum'), 100);
  });

  it('asks the queue at every scrape', async () => {
    const metrics = new Metrics(() => NOON);
    const counts = [3, 2];
    metrics.watchQueue(() =>
      Promise.resolve({
        items: { pending: counts.shift()!, claimed: 1, labelled: 9 },
        oldestWaitingMs: NOON - 90_000,
      }),
    );
    const first = await samplesOf(metrics);
    assert.equal(first.get('sensigate_review_items{state="pending"}'), 3);
    assert.equal(first.get('sensigate_review_oldest_seconds'), 90);
    const second = await samplesOf(metrics);
    assert.equal(second.get('sensigate_review_items{state="pending"}'), 2);
  });

  it('says 0 seconds when nothing waits', async () => {
    const metrics = new Metrics(() => NOON);
    metrics.watchQueue(() => Promise.resolve({ items: {}, oldestWaitingMs: null }));
    assert.equal((await samplesOf(metrics)).get('sensigate_review_oldest_seconds'), 0);
  });

  it('leaves the queue’s figures out, and only those, when the queue fails', async () => {
    const metrics = new Metrics(() => NOON);
    let fails = false;
    metrics.watchQueue(() =>
      fails
        ? Promise.reject(new Error('no database'))
        : Promise.resolve({ items: { pending: 1 }, oldestWaitingMs: NOON }),
    );
    await metrics.exposition();
    fails = true;
    const samples = await samplesOf(metrics);
    assert.ok(!samples.has('sensigate_review_items{state="pending"}'));
    assert.ok(!samples.has('sensigate_review_oldest_seconds'));
    assert.ok(samples.has('sensigate_forward_passes_total'));
  });

  it('does not let a queue that hangs hold up a scrape', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const metrics = new Metrics(() => NOON);
    metrics.watchQueue(() => new Promise(() => undefined));
    const scrape = samplesOf(metrics);
    t.mock.timers.tick(2000);
    assert.ok((await scrape).has('sensigate_forward_passes_total'));
  });

  describe('has a source that gives no figures', () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const waiting = { items: { pending: 1 }, oldestWaitingMs: NOON };
    const observed = (now = () => NOON) => {
      const problems: SourceProblem[] = [];
      return { problems, metrics: new Metrics(now, (problem) => problems.push(problem)) };
    };

    it('and says which one failed and why, once for all its metrics', async () => {
      const { metrics, problems } = observed();
      metrics.watchQueue(() => Promise.reject(new Error('no database')));
      metrics.watchSelectiveRisk(() => Promise.reject(new Error('no audit')));
      metrics.watchDrift(() => {
        throw new RangeError('no reference');
      });
      await metrics.exposition();
      assert.deepEqual(
        problems.toSorted((a, b) => a.source.localeCompare(b.source)),
        [
          { source: 'audit', reason: 'no audit' },
          { source: 'drift', reason: 'no reference' },
          { source: 'queue', reason: 'no database' },
        ],
      );
    });

    it('and tells of each stream how near a proof is, and whether its gate is closed', async () => {
      const { metrics } = observed();
      metrics.watchPromise(() =>
        Promise.resolve([
          { stream: null, evidence: 0.25, isClosed: false },
          { stream: 'camera-1', evidence: null, isClosed: true },
        ]),
      );
      const samples = await samplesOf(metrics);
      assert.equal(samples.get('sensigate_promise_evidence{stream="all"}'), 0.25);
      assert.equal(samples.get('sensigate_gate_closed{stream="all"}'), 0);
      assert.equal(samples.get('sensigate_promise_evidence{stream="camera-1"}'), undefined);
      assert.equal(samples.get('sensigate_gate_closed{stream="camera-1"}'), 1);
    });

    it('and says which one hangs, while the others have theirs', async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const { metrics, problems } = observed();
      metrics.watchQueue(never);
      metrics.watchSelectiveRisk(() => Promise.resolve({ estimate: 0.01, lower: 0.002, upper: 0.04 }));
      const scrape = samplesOf(metrics);
      t.mock.timers.tick(2000);
      const samples = await scrape;
      assert.equal(samples.get('sensigate_selective_risk{bound="lower"}'), 0.002);
      assert.ok(![...samples.keys()].some((key) => /^sensigate_review_(items|oldest)/.test(key)));
      assert.deepEqual(problems, [{ source: 'queue', reason: 'no answer within 2000 ms' }]);
    });

    it('and asks it again at the next scrape', async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const { metrics } = observed();
      let answer: () => Promise<WaitingItems> = never;
      metrics.watchQueue(() => answer());
      const scrape = samplesOf(metrics);
      t.mock.timers.tick(2000);
      await scrape;
      answer = () => Promise.resolve(waiting);
      assert.equal((await samplesOf(metrics)).get('sensigate_review_items{state="pending"}'), 1);
    });

    it('and asks it again also where it threw at once', async () => {
      const { metrics } = observed();
      let fails = true;
      metrics.watchDrift(() => {
        if (fails) throw new RangeError('no reference');
        return 0.2;
      });
      await metrics.exposition();
      fails = false;
      assert.equal((await samplesOf(metrics)).get('sensigate_sensitivity_drift'), 0.2);
    });

    it('and repeats itself every ten minutes at most', async () => {
      let now = NOON;
      const { metrics, problems } = observed(() => now);
      metrics.watchQueue(() => Promise.reject(new Error('no database')));
      for (const minutes of [0, 1, 5, 9.9, 10, 15]) {
        now = NOON + minutes * 60_000;
        await metrics.exposition();
      }
      assert.equal(problems.length, 2);
    });

    it('and is asked once, however many metrics and scrapes wait for it', async () => {
      const { metrics } = observed();
      let asked = 0;
      metrics.watchQueue(() => {
        asked++;
        return Promise.resolve(waiting);
      });
      const [one, other] = await Promise.all([samplesOf(metrics), samplesOf(metrics)]);
      assert.equal(asked, 1);
      assert.equal(one.get('sensigate_review_oldest_seconds'), 0);
      assert.equal(other.get('sensigate_review_items{state="pending"}'), 1);
    });
  });

  it('describes the gate in use, and none where there is none', async () => {
    const metrics = new Metrics();
    metrics.describeGate({ id: 'g1', signal: 'sensitivity', threshold: 0.4 });
    metrics.describeGate({ id: 'g2', signal: 'margin', threshold: 0.6 });
    const samples = await samplesOf(metrics);
    assert.equal(samples.get('sensigate_gate_threshold{signal="margin"}'), 0.6);
    assert.equal(samples.get('sensigate_gate_info{id="g2",signal="margin"}'), 1);
    const ofTheGate = (key: string) =>
      /^sensigate_(gate_(info|threshold|promised_risk)|calibration)/.test(key);
    assert.equal([...samples.keys()].filter(ofTheGate).length, 2);
    metrics.describeGate(null);
    assert.ok(![...(await samplesOf(metrics)).keys()].some(ofTheGate));
  });

  it('describes the model', async () => {
    const metrics = new Metrics();
    metrics.describeModel({ name: 'm', version: '2', digest: 'sha256:0' });
    const samples = await samplesOf(metrics);
    assert.equal(samples.get('sensigate_model_info{name="m",version="2",digest="sha256:0"}'), 1);
  });

  it('says what the gate promises and what its calibration saw, where it has both', async () => {
    const metrics = new Metrics();
    metrics.describeGate({
      ...{ id: 'g', signal: 'risk', threshold: 0.2, promisedRisk: 0.02 },
      sensitivityQuantiles: [
        [0.5, 0.01],
        [0.9, 3],
      ],
    });
    const samples = await samplesOf(metrics);
    assert.equal(samples.get('sensigate_gate_promised_risk'), 0.02);
    assert.equal(samples.get('sensigate_calibration_sensitivity{share="0.5"}'), 0.01);
    assert.equal(samples.get('sensigate_calibration_sensitivity{share="0.9"}'), 3);
  });

  it('counts gate files that were taken and refused, both from 0', async () => {
    const metrics = new Metrics();
    assert.equal((await samplesOf(metrics)).get('sensigate_gate_reloads_total{outcome="refused"}'), 0);
    metrics.countGateReload('taken');
    assert.equal((await samplesOf(metrics)).get('sensigate_gate_reloads_total{outcome="taken"}'), 1);
  });

  it('asks the audit at every scrape, and has no figure where it has none or fails', async () => {
    const metrics = new Metrics();
    const answers = [
      () => Promise.resolve({ estimate: 0.01, lower: 0.002, upper: 0.04 }),
      () => Promise.resolve(null),
      () => Promise.reject(new Error('no database')),
    ];
    metrics.watchSelectiveRisk(() => answers.shift()!());
    const first = await samplesOf(metrics);
    assert.equal(first.get('sensigate_selective_risk{bound="estimate"}'), 0.01);
    assert.equal(first.get('sensigate_selective_risk{bound="lower"}'), 0.002);
    assert.equal(first.get('sensigate_selective_risk{bound="upper"}'), 0.04);
    assert.ok(!(await samplesOf(metrics)).has('sensigate_selective_risk{bound="estimate"}'));
    assert.ok(!(await samplesOf(metrics)).has('sensigate_selective_risk{bound="estimate"}'));
  });

  it('takes drift over the latest 2000 sensitivities', async () => {
    const metrics = new Metrics();
    metrics.watchDrift(() => smallest(metrics.recentSensitivities()) / 1000);
    for (let i = 1; i <= 2300; i++) metrics.observePrediction({ ...prediction, sensitivity: i });
    const samples = await samplesOf(metrics);
    assert.equal(samples.get('sensigate_sensitivity_drift_window'), 2000);
    assert.equal(samples.get('sensigate_sensitivity_drift'), 0.301);
  });

  it('has no drift while it cannot be told', async () => {
    const metrics = new Metrics();
    assert.ok(!(await samplesOf(metrics)).has('sensigate_sensitivity_drift'));
    metrics.watchDrift(() => null);
    assert.ok(!(await samplesOf(metrics)).has('sensigate_sensitivity_drift'));
  });

  it('counts labels by reviewer, the hundred-and-first and later ones together', async () => {
    const metrics = new Metrics();
    for (let i = 1; i <= 103; i++)
      metrics.observeLabel({ reasons: ['audit'], agrees: true, leadSeconds: 1, reviewer: `r${i}` });
    metrics.observeLabel({ reasons: ['audit'], agrees: true, leadSeconds: 1, reviewer: 'r1' });
    const samples = await samplesOf(metrics);
    assert.equal(samples.get('sensigate_reviewer_labels_total{reviewer="r1"}'), 2);
    assert.equal(samples.get('sensigate_reviewer_labels_total{reviewer="r100"}'), 1);
    assert.equal(samples.get('sensigate_reviewer_labels_total{reviewer="other"}'), 3);
    assert.ok(!samples.has('sensigate_reviewer_labels_total{reviewer="r101"}'));
  });

  it('counts runs of the network and restarts of its process', async () => {
    const metrics = new Metrics();
    metrics.observeBatch(17);
    metrics.countEngineRestart();
    const samples = await samplesOf(metrics);
    assert.equal(samples.get('sensigate_engine_batch_rows_sum'), 17);
    assert.equal(samples.get('sensigate_engine_restarts_total'), 1);
  });

  it('keeps two services of one process apart', async () => {
    const one = new Metrics();
    one.countEngineRestart();
    assert.equal((await samplesOf(new Metrics())).get('sensigate_engine_restarts_total'), 0);
  });
});
