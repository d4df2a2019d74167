import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { everythingExposed } from '../monitoring/exposed.ts';
import { parseQuery } from '../monitoring/promql.ts';
import { build, ofKind, only, picks, podsOf } from './documents.ts';

const documents = build('overlays/scaled');
const pods = podsOf(documents);
const replica = pods.find(({ owner }) => owner === 'server')!;
const deployment = only(documents, 'Deployment');
const autoscaler = only(documents, 'HorizontalPodAutoscaler').spec;

describe('k8s/overlays/scaled', () => {
  it('leaves the number of replicas to the autoscaler, at least two, and rolls out without a gap', () => {
    assert.equal(deployment.spec?.replicas, undefined);
    assert.deepEqual(autoscaler.scaleTargetRef, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: deployment.metadata!.name,
    });
    assert.ok(autoscaler.minReplicas! >= 2);
    assert.equal(deployment.spec?.strategy?.rollingUpdate?.maxUnavailable, 0);
  });

  it('scales on the wait for the engine, by a metric that the adapter makes of exposed ones', async () => {
    interface Adapter {
      readonly rules: {
        readonly custom: readonly { readonly name: { readonly as: string }; readonly metricsQuery: string }[];
      };
    }
    const file = new URL('../../k8s/monitoring/prometheus-adapter.yaml', import.meta.url);
    const [rule] = (parse(readFileSync(file, 'utf8')) as Adapter).rules.custom;
    assert.deepEqual(
      autoscaler.metrics?.map(({ type, pods: ofPods }) => ofPods?.metric.name ?? type),
      ['Resource', rule!.name.as],
    );
    const query = rule!.metricsQuery
      .replaceAll('<<.GroupBy>>', 'pod')
      .replaceAll('<<.LabelMatchers>>', 'namespace="sensigate"');
    const exposed = await everythingExposed();
    for (const { metric } of parseQuery(query).selectors) assert.ok(exposed.has(metric), metric);
  });

  it('has a processor to measure the use of against, as the autoscaler does', () => {
    assert.ok(replica.containers.every(({ resources }) => resources?.requests?.cpu));
  });

  it('loses one replica at a time, and spreads them over zones and nodes', () => {
    const budget = only(documents, 'PodDisruptionBudget').spec!;
    assert.equal(budget.maxUnavailable, 1);
    for (const { owner, labels } of pods)
      assert.equal(picks(budget.selector?.matchLabels, labels), owner === 'server');
    const spread = replica.spec.topologySpreadConstraints!;
    assert.deepEqual(
      spread.map(({ topologyKey }) => topologyKey),
      ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'],
    );
    for (const { labelSelector } of spread) assert.ok(picks(labelSelector?.matchLabels, replica.labels));
  });

  it('has the database’s address from one Secret in every pod', () => {
    for (const { owner, spec } of pods) {
      const { env = [] } = spec.containers[0]!;
      const address = env.find(({ name }) => name === 'DATABASE_URL');
      assert.deepEqual(
        address?.valueFrom,
        { secretKeyRef: { name: 'sensigate-database', key: 'DATABASE_URL' } },
        owner,
      );
    }
  });

  it('keeps nothing in a pod that must outlive it', () => {
    assert.equal(ofKind(documents, 'PersistentVolumeClaim').length, 0);
    const volume = replica.spec.volumes!.find(({ name }) => name === 'data');
    assert.deepEqual(volume?.emptyDir, {});
  });

  it('migrates by a job of its own for every version, since a job cannot be changed', () => {
    const [job] = ofKind(documents, 'Job');
    assert.equal(job!.metadata?.name, `sensigate-migrate-${packageJson.version.replaceAll('.', '-')}`);
    assert.deepEqual(job!.spec?.template.spec?.containers[0]?.args, ['migrate']);
    assert.equal(job!.metadata.labels?.['app.kubernetes.io/component'], 'migration');
  });

  it('serves the model that an init container copies to where MODEL_DIR says, read-only', () => {
    const settings = only(
      documents.filter(({ metadata }) => metadata.name === 'sensigate'),
      'ConfigMap',
    ).data!;
    const [init] = replica.spec.initContainers!;
    const [, , from, to] = init!.command!;
    assert.equal(to, settings.MODEL_DIR);
    assert.deepEqual(init!.volumeMounts, [{ name: 'model', mountPath: to }]);
    const mount = replica.spec.containers[0]!.volumeMounts!.find(({ mountPath }) => mountPath === to);
    assert.deepEqual(mount, { name: 'model', mountPath: to, readOnly: true });
    const packed = readFileSync(new URL('../../models/Dockerfile', import.meta.url), 'utf8');
    assert.match(
      packed,
      new RegExp(`^COPY .*model\\.onnx model\\.json gate\\.json ${from!.replace('.', '')}$`, 'm'),
    );
  });
});
