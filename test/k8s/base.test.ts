import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { ConfigMap, PersistentVolumeClaim, Service, ServiceAccount } from 'kubernetes-types/core/v1.js';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { readConfig } from '../../src/config.ts';
import { serviceRoutes } from '../../src/http/service-routes.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { type Document, schemaProblems } from './schema.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const { resources } = parse(read('k8s/base/kustomization.yaml')) as { resources: string[] };
const documents = resources.map((file) => parse(read(`k8s/base/${file}`)) as Document);

/** The one document of `kind`, whose fields the first test has checked. */
function find(kind: string): unknown {
  const found = documents.filter((document) => document.kind === kind);
  assert.equal(found.length, 1, `expected one ${kind}`);
  return found[0];
}

const deployment = find('Deployment') as Deployment;
const service = find('Service') as Service;
const settings = (find('ConfigMap') as ConfigMap).data ?? {};
const pod = deployment.spec!.template.spec!;
const [container, ...others] = pod.containers;
assert.ok(container !== undefined && others.length === 0, 'expected one container');

describe('k8s/base', () => {
  it('has documents that fit the Kubernetes API', () => {
    assert.deepEqual(schemaProblems(documents), []);
  });

  it('would be refused with a field that is unknown, missing or of another type', () => {
    const meta = { apiVersion: 'v1', kind: 'Service' };
    assert.match(
      schemaProblems([{ ...meta, spec: { port: [] } } as Document]).join(),
      /"port"' does not exist/,
    );
    assert.match(
      schemaProblems([{ ...meta, spec: { ports: [{}] } } as Document]).join(),
      /'port' is missing/,
    );
    assert.match(
      schemaProblems([{ ...meta, spec: { ports: [{ port: '80' }] } } as Document]).join(),
      /'string' is not assignable to type 'number'/,
    );
  });

  it('names what the Dockerfile builds: image, port, data folder, model and user', () => {
    const dockerfile = read('Dockerfile');
    const built = (name: string): string | undefined =>
      new RegExp(`^ENV .*\\b${name}=(\\S+)`, 'm').exec(dockerfile)?.[1];
    assert.equal(container.image, `${packageJson.name}:${packageJson.version}`);
    for (const name of ['HOST', 'PORT', 'DATA_DIR', 'MODEL_DIR']) assert.equal(settings[name], built(name));
    assert.match(dockerfile, /^USER node$/m);
    // node is user 1000 of Node's images, and a name alone would be no proof to runAsNonRoot.
    assert.equal(pod.securityContext?.runAsUser, 1000);
    assert.equal(pod.securityContext.fsGroup, 1000);
  });

  it('sets only what the service reads', () => {
    const config = readConfig(settings);
    assert.deepEqual(
      Object.keys(settings).filter((name) => !(name in config)),
      [],
    );
  });

  it('leaves nothing to the number of cores that the node happens to have', () => {
    assert.ok('ENGINE_PROCESSES' in settings && 'ENGINE_THREADS' in settings);
  });

  it('probes open routes on the port that the service listens on', () => {
    const open = serviceRoutes(() => ({ ready: true, reason: '' }), new Metrics())
      .filter(({ method, access }) => method === 'get' && access === 'open')
      .map(({ path }) => path);
    const [port] = container.ports ?? [];
    assert.equal(String(port?.containerPort), settings.PORT);
    assert.deepEqual(
      service.spec?.ports?.map(({ targetPort }) => targetPort),
      [port?.name],
    );
    for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
      assert.equal(probe?.httpGet?.port, port?.name);
      assert.ok(open.includes(probe?.httpGet?.path ?? ''), `no open route ${probe?.httpGet?.path}`);
    }
  });

  it('selects its own pod', () => {
    const { labels } = deployment.spec!.template.metadata!;
    assert.ok(Object.keys(deployment.spec!.selector.matchLabels ?? {}).length > 0);
    assert.deepEqual({ ...labels, ...deployment.spec!.selector.matchLabels }, labels);
    assert.deepEqual({ ...labels, ...service.spec?.selector }, labels);
    assert.ok(Object.keys(service.spec?.selector ?? {}).length > 0);
  });

  it('mounts what it names, and has a writable place for its data', () => {
    assert.equal(pod.serviceAccountName, (find('ServiceAccount') as ServiceAccount).metadata?.name);
    assert.deepEqual(container.envFrom, [
      { configMapRef: { name: (find('ConfigMap') as ConfigMap).metadata!.name } },
    ]);
    const mounts = new Map(container.volumeMounts?.map((mount) => [mount.mountPath, mount]));
    const volumeAt = (path: string) => pod.volumes?.find(({ name }) => name === mounts.get(path)?.name);
    const claim = (find('PersistentVolumeClaim') as PersistentVolumeClaim).metadata?.name;
    assert.equal(volumeAt(settings.DATA_DIR!)?.persistentVolumeClaim?.claimName, claim);
    assert.notEqual(mounts.get(settings.DATA_DIR!)?.readOnly, true);
    const keys = settings.API_KEYS_FILE!;
    assert.ok(volumeAt(keys.slice(0, keys.lastIndexOf('/')))?.secret);
  });

  it('keeps to the Pod Security standard "restricted", with a read-only root', () => {
    assert.equal(pod.securityContext?.runAsNonRoot, true);
    assert.equal(pod.securityContext.seccompProfile?.type, 'RuntimeDefault');
    assert.equal(pod.hostNetwork ?? pod.hostPID ?? pod.hostIPC, undefined);
    const kinds = (pod.volumes ?? []).flatMap(({ name: _, ...kind }) => Object.keys(kind));
    assert.deepEqual(new Set(kinds), new Set(['persistentVolumeClaim', 'secret', 'emptyDir']));
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('asks for what it needs, and may not take a node’s memory', () => {
    assert.ok(container.resources?.requests?.cpu);
    assert.ok(container.resources.requests.memory);
    assert.ok(container.resources.limits?.memory);
  });
});
