import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { CLOSE_MS } from '../../src/service/stop.ts';
import { readSettings, SETTINGS } from '../../src/service/settings.ts';
import { serviceRoutes } from '../../src/fronts/http/routes/service.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { only, picks, podsOf, readResources } from './documents.ts';
import { type Document, schemaProblems, valueProblems } from './schema.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const documents = readResources('base');

const deployment = only(documents, 'Deployment');
const service = only(documents, 'Service');
const settings = only(documents, 'ConfigMap').data ?? {};
const pod = deployment.spec!.template.spec!;
const [container, ...others] = pod.containers;
assert.ok(container !== undefined && others.length === 0, 'expected one container');

describe('k8s/base', () => {
  it('has documents that fit the Kubernetes API', async () => {
    assert.deepEqual(schemaProblems(documents), []);
    assert.deepEqual(await valueProblems(documents), []);
  });

  it('would be refused with a field that is unknown, missing or of another type', () => {
    const meta = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' } };
    assert.match(
      schemaProblems([{ ...meta, spec: { port: [] } } as Document]).join(),
      /"port"' does not exist/,
    );
    assert.match(
      schemaProblems([{ ...meta, spec: { ports: [{}] } } as Document]).join(),
      /'"?port"?' is missing/,
    );
    assert.match(
      schemaProblems([{ ...meta, spec: { ports: [{ port: '80' }] } } as Document]).join(),
      /'string' is not assignable to type 'number'/,
    );
  });

  it('would be refused with a value that the API does not take', async () => {
    const budget = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b' },
      spec: { selector: { matchLabels: { a: 1 } } },
    } as Document;
    assert.match((await valueProblems([budget])).join(), /matchLabels\/a must be string/);
  });

  it('names what the Dockerfile builds: image, port, data folder, model and user', () => {
    const dockerfile = read('Dockerfile');
    const built = (name: string): string | undefined =>
      new RegExp(`^ENV .*\\b${name}=(\\S+)`, 'm').exec(dockerfile)?.[1];
    const { images } = parse(read('k8s/base/kustomization.yaml')) as { images: object[] };
    assert.equal(container.image, packageJson.name);
    assert.deepEqual(images, [{ name: packageJson.name, newTag: packageJson.version }]);
    for (const name of ['HOST', 'PORT', 'DATA_DIR', 'MODEL_DIR']) assert.equal(settings[name], built(name));
    assert.match(dockerfile, /^USER node$/m);
    // node is user 1000 of Node's images, and a name alone would be no proof to runAsNonRoot.
    assert.equal(pod.securityContext?.runAsUser, 1000);
    assert.equal(pod.securityContext.fsGroup, 1000);
  });

  it('sets only what the service reads, and what it takes', () => {
    readSettings(settings);
    assert.deepEqual(
      Object.keys(settings).filter((name) => !SETTINGS.includes(name)),
      [],
    );
  });

  it('gives the service longer to end than it sleeps before and drains', () => {
    const sleepS = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
    assert.ok(sleepS > 0, 'load balancers need a moment to forget the pod');
    const { SHUTDOWN_DELAY_MS, SHUTDOWN_GRACE_MS } = readSettings(settings);
    const stopMs = SHUTDOWN_DELAY_MS + SHUTDOWN_GRACE_MS + CLOSE_MS;
    assert.ok(pod.terminationGracePeriodSeconds! >= sleepS + stopMs / 1000);
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

  it('selects its own pods, and no job’s', () => {
    const { matchLabels } = deployment.spec!.selector;
    for (const { owner, labels } of podsOf(documents)) {
      assert.equal(picks(matchLabels, labels), owner === 'server', owner);
      assert.equal(picks(service.spec?.selector, labels), owner === 'server', owner);
    }
  });

  it('mounts what it names, and has writable places for its data and what is temporary', () => {
    assert.equal(pod.serviceAccountName, only(documents, 'ServiceAccount').metadata?.name);
    assert.deepEqual(container.envFrom, [
      { configMapRef: { name: only(documents, 'ConfigMap').metadata!.name } },
    ]);
    const mounts = new Map(container.volumeMounts?.map((mount) => [mount.mountPath, mount]));
    const volumeAt = (path: string) => pod.volumes?.find(({ name }) => name === mounts.get(path)?.name);
    for (const path of [settings.DATA_DIR!, '/tmp']) {
      assert.ok(volumeAt(path)?.emptyDir, path);
      assert.notEqual(mounts.get(path)?.readOnly, true);
    }
    const keys = settings.API_KEYS_FILE!;
    assert.ok(volumeAt(keys.slice(0, keys.lastIndexOf('/')))?.secret);
  });
});
