import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dashboards } from './dashboard-files.ts';
import { everythingExposed, type Exposed } from './exposed.ts';
import { parseQuery } from './promql.ts';
import { alerts, recordings } from './rule-files.ts';

/** What Prometheus adds to every sample of a target that a ServiceMonitor finds. */
const TARGET = ['namespace', 'job', 'instance', 'pod', 'service', 'container', 'endpoint'];

/** Metrics of others, with the labels that they have. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  up: [],
  kubelet_volume_stats_available_bytes: ['persistentvolumeclaim'],
  kubelet_volume_stats_capacity_bytes: ['persistentvolumeclaim'],
  kube_job_status_failed: ['job_name'],
};

const exposed = await everythingExposed();
const recorded = new Map(recordings.map(({ record, expr }) => [record, parseQuery(expr).groupedBy]));

/** The labels of a metric; null where there is no such metric. */
function labelsOf(metric: string): readonly string[] | null {
  const own = exposed.get(metric);
  if (own !== undefined) return [...own.keys(), ...TARGET];
  const others = recorded.get(metric) ?? FOREIGN[metric];
  return others === undefined ? null : [...others, ...TARGET];
}

/** What the query asks for that nothing exposes: metrics, labels, values. */
function problemsOf(query: string): string[] {
  const { selectors, groupedBy } = parseQuery(query.replaceAll('$__rate_interval', '5m'));
  const problems: string[] = [];
  const known = new Set<string>();
  for (const { metric, matchers } of selectors) {
    const labels = labelsOf(metric);
    if (labels === null) problems.push(`no metric ${metric}`);
    for (const label of labels ?? []) known.add(label);
    for (const { label, operator, value } of matchers) {
      if (labels !== null && !labels.includes(label)) problems.push(`${metric} has no label ${label}`);
      const values = valuesOf(exposed, metric, label);
      const wanted = operator.includes('~')
        ? new RegExp(`^(?:${value})$`)
        : { test: (v: string) => v === value };
      if (values.length > 0 && !values.some((v) => wanted.test(v)))
        problems.push(`${metric} never has ${label}="${value}"`);
    }
  }
  for (const one of groupedBy.filter((label) => !known.has(label)).map((label) => `nothing has ${label}`))
    problems.push(one);
  return problems;
}

function valuesOf(samples: Exposed, metric: string, label: string): string[] {
  return TARGET.includes(label) ? [] : [...(samples.get(metric)?.get(label) ?? [])];
}

describe('a query check', () => {
  it('finds metrics, labels and values that do not exist, and what is no PromQL', () => {
    assert.deepEqual(problemsOf('rate(sensigate_prediction_total[5m])'), [
      'no metric sensigate_prediction_total',
    ]);
    assert.deepEqual(problemsOf('sensigate_review_items{status="pending"}'), [
      'sensigate_review_items has no label status',
    ]);
    assert.deepEqual(problemsOf('sensigate_review_items{state=~"waiting|held"}'), [
      'sensigate_review_items never has state="waiting|held"',
    ]);
    assert.deepEqual(problemsOf('sum by (reason) (sensigate_probes_count)'), ['nothing has reason']);
    assert.throws(() => problemsOf('sum by (le (sensigate_probes_count)'), SyntaxError);
  });
});

describe('every query', () => {
  for (const { record, expr } of recordings)
    it(`of the recording ${record} asks for what is exposed`, () => {
      assert.deepEqual(problemsOf(expr), []);
    });

  for (const { alert, expr, labels } of alerts)
    it(`of the alert ${[alert, labels.burn ?? []].flat().join(' ')} asks for what is exposed`, () => {
      assert.deepEqual(problemsOf(expr), []);
    });

  for (const { file, panels, annotations } of dashboards)
    it(`of the dashboard ${file} asks for what is exposed, in the chosen namespace`, () => {
      const marked = annotations.list.map(({ name, expr }) => ({
        title: name,
        targets: [{ expr, legendFormat: '' }],
      }));
      for (const { title, targets } of [...panels, ...marked]) {
        for (const { expr } of targets) {
          assert.deepEqual(problemsOf(expr), [], title);
          for (const { metric, matchers } of parseQuery(expr.replaceAll('$__rate_interval', '5m')).selectors)
            assert.ok(
              matchers.some(({ label, value }) => label === 'namespace' && value === '$namespace'),
              `${title}: ${metric} of every namespace`,
            );
        }
      }
    });
});

describe('the dashboards', () => {
  it('have panels that say what to make of them and do not overlap', () => {
    for (const { file, panels } of dashboards) {
      const places = panels.map(({ gridPos: { x, y } }) => `${x},${y}`);
      assert.equal(new Set(places).size, places.length, file);
    }
  });

  it('mark when another gate, other keys and another model came', () => {
    for (const { file, annotations } of dashboards) {
      const names = annotations.list.map(({ name }) => name);
      assert.deepEqual(names, ['Gate', 'Gate file', 'API keys', 'Model'], file);
    }
  });

  it('show every metric of our own', () => {
    const queries = dashboards.flatMap(({ panels }) => panels.flatMap(({ targets }) => targets));
    const shown = [...queries, ...recordings].map(({ expr }) => expr).join('\n');
    const names = [...exposed.keys()]
      .filter((name) => name.startsWith('sensigate_'))
      .map((name) => name.replace(/_(bucket|sum|count)$/, ''));
    assert.deepEqual(
      [...new Set(names)].filter((name) => !shown.includes(name)),
      [],
    );
  });
});
