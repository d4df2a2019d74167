import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { build, only, picks, podsOf } from './documents.ts';

const documents = build('overlays/single');
const claim = only(documents, 'PersistentVolumeClaim');
const pods = podsOf(documents);

describe('k8s/overlays/single', () => {
  it('has one replica, which ends before the next begins, because SQLite belongs to one machine', () => {
    const { replicas, strategy } = only(documents, 'Deployment').spec!;
    assert.equal(replicas, 1);
    assert.deepEqual(strategy, { type: 'Recreate' });
  });

  it('gives a start half an hour, for a migration, and a rollout longer than a start', () => {
    const { progressDeadlineSeconds, template } = only(documents, 'Deployment').spec!;
    const { periodSeconds, failureThreshold, httpGet } = template.spec!.containers[0]!.startupProbe!;
    assert.equal(httpGet?.path, '/readyz');
    const startSeconds = periodSeconds! * failureThreshold!;
    assert.equal(startSeconds, 1800);
    assert.ok(progressDeadlineSeconds! > startSeconds);
  });

  it('keeps the data of service and retention on the same volume', () => {
    for (const { owner, spec, containers } of pods) {
      const mount = containers[0]!.volumeMounts!.find(({ mountPath }) => mountPath === '/data');
      const volume = spec.volumes!.find(({ name }) => name === mount?.name);
      assert.deepEqual(
        volume,
        {
          name: 'data',
          persistentVolumeClaim: { claimName: claim.metadata!.name },
        },
        owner,
      );
    }
  });

  it('runs retention on the replica’s node, which alone can mount the volume', () => {
    assert.deepEqual(claim.spec?.accessModes, ['ReadWriteOnce']);
    const replica = pods.find(({ owner }) => owner === 'server')!;
    const retention = pods.find(({ owner }) => owner === 'sensigate-retention')!;
    const [term] = retention.spec.affinity!.podAffinity!.requiredDuringSchedulingIgnoredDuringExecution!;
    assert.equal(term!.topologyKey, 'kubernetes.io/hostname');
    assert.ok(picks(term!.labelSelector!.matchLabels, replica.labels));
    assert.ok(!picks(term!.labelSelector!.matchLabels, retention.labels));
  });
});
