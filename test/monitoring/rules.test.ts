import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { prometheusRules, ruleFilesWith } from '../../k8s/monitoring/rules.ts';
import { anchorsOf } from '../docs/markdown.ts';
import { alerts, alertTests, recordings } from './rule-files.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the alert rules', () => {
  it('are what the Prometheus operator is given', () => {
    assert.equal(
      read('k8s/monitoring/prometheus-rules.yaml'),
      prometheusRules(),
      'run `node k8s/monitoring/rules.ts`',
    );
  });

  it('each have a test in which they fire and one in which they do not', () => {
    const untested = alerts.flatMap(({ alert, labels: { burn = '' } }) => {
      const tests = alertTests.filter(({ name }) => name === alert);
      const fires = tests.some(({ fired }) => fired.includes(burn));
      const keepsQuiet = tests.some(({ fired }) => !fired.includes(burn));
      return fires && keepsQuiet ? [] : [`${alert} ${burn}: fires ${fires}, keeps quiet ${keepsQuiet}`];
    });
    assert.deepEqual(untested, []);
  });

  it('each point at their own section of the runbook', () => {
    const runbook = read('docs/operations.md');
    for (const { alert, annotations } of alerts) {
      assert.equal(annotations.runbook_url, `docs/operations.md#${alert.toLowerCase()}`);
      const section = new RegExp(`^### ${alert}\\n\\n([^#]+)`, 'm').exec(runbook)?.[1] ?? '';
      for (const part of ['**Means.**', '**Look at.**', '**Do.**'])
        assert.ok(section.includes(part), `the section of ${alert} has no ${part}`);
    }
  });

  it('link to headings that are there, below the address that RUNBOOK_BASE_URL names', () => {
    for (const base of ['https://git.example/team/sensigate/blob/main', 'http://wiki.example/sensigate/']) {
      const text = prometheusRules(ruleFilesWith(base));
      const links = [...text.matchAll(/runbook_url: (\S+)/g)].map(([, link]) => link!);
      assert.equal(links.length, alerts.length);
      for (const link of links) {
        const root = base.replace(/\/$/, '');
        assert.ok(link.startsWith(`${root}/docs/`), link);
        const [path = '', anchor = ''] = link.slice(root.length + 1).split('#');
        assert.ok(existsSync(new URL(`../../${path}`, import.meta.url)), link);
        assert.ok(anchorsOf(read(path)).has(anchor), link);
      }
    }
    assert.throws(() => ruleFilesWith('git.example/sensigate'), /RUNBOOK_BASE_URL/);
  });

  it('have no section in the runbook without an alert', () => {
    const sections = [...read('docs/operations.md').matchAll(/^### (Sensigate\w+)$/gm)];
    const names = new Set(alerts.map(({ alert }) => alert));
    assert.deepEqual(
      sections.map(([, name]) => name).filter((name) => !names.has(name!)),
      [],
    );
  });

  it('page at 14.4 and 6 times the budget’s rate and make a ticket at once the rate, over two windows each', () => {
    for (const name of ['SensigateErrorBudgetBurn', 'SensigateLatencyBudgetBurn']) {
      const burns = alerts.filter(({ alert }) => alert === name);
      assert.deepEqual(
        burns.map(({ expr, labels }) => [
          labels.burn,
          labels.severity,
          ...[...expr.matchAll(/ratio_rate(\w+) > (\S+)/g)].flatMap(([, window, factor]) => [window, factor]),
        ]),
        [
          ['14.4x', 'page', '1h', '14.4', '5m', '14.4'],
          ['6x', 'page', '6h', '6', '30m', '6'],
          ['1x', 'ticket', '3d', '1', '6h', '1'],
        ],
      );
    }
  });

  it('record nothing that neither an alert nor a dashboard reads', () => {
    const readers = [
      ...alerts.map(({ expr }) => expr),
      ...['service', 'gate', 'queue'].map((name) => read(`k8s/monitoring/dashboards/${name}.json`)),
    ].join('\n');
    assert.deepEqual(
      recordings.map(({ record }) => record).filter((record) => !new RegExp(`${record}\\b`).test(readers)),
      [],
    );
  });
});
