import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SETTINGS } from '../../src/service/settings.ts';
import { build, ofKind, only } from './documents.ts';
import { schemaProblems, valueProblems } from './schema.ts';

const k8s = fileURLToPath(new URL('../../k8s', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sensigate-overlay-'));
after(() => {
  rmSync(folder, { recursive: true });
});

/** A copy of an overlay that adds the component, as docs/deploying.md says to make one. */
writeFileSync(
  join(folder, 'kustomization.yaml'),
  `resources: [${relative(folder, join(k8s, 'overlays/single'))}]
components: [${relative(folder, join(k8s, 'components/gate'))}]
`,
);
const documents = build(folder);
const pod = only(documents, 'Deployment').spec!.template.spec!;
const settings = ofKind(documents, 'ConfigMap').find(({ metadata }) => metadata?.name === 'sensigate')!.data!;

describe('k8s/components/gate', () => {
  it('has documents that fit the Kubernetes API', async () => {
    assert.deepEqual(schemaProblems(documents), []);
    assert.deepEqual(await valueProblems(documents), []);
  });

  it('mounts the whole ConfigMap where the service looks for its gate, so that a new one arrives', () => {
    assert.ok(SETTINGS.includes('GATE_FILE'));
    const mount = pod.containers[0]!.volumeMounts!.find(
      ({ mountPath }) => mountPath === dirname(settings.GATE_FILE!),
    );
    assert.deepEqual(mount, { name: 'gate', mountPath: '/etc/sensigate-gate', readOnly: true });
    const volume = pod.volumes!.find(({ name }) => name === mount.name);
    // Optional, since the service does without a gate, and takes one that comes later.
    assert.deepEqual(volume, { name: 'gate', configMap: { name: 'sensigate-gate', optional: true } });
  });

  it('leaves the other settings and volumes as they are', () => {
    assert.equal(settings.MODEL_DIR, '/app/models/fashion-mnist');
    for (const name of ['data', 'api-keys', 'tmp'])
      assert.ok(pod.volumes!.some((volume) => volume.name === name));
  });
});
