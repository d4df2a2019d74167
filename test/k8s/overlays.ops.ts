import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { SETTINGS } from '../../src/service/settings.ts';
import { build, ofKind, only, picks, podsOf } from './documents.ts';
import { schemaProblems, valueProblems } from './schema.ts';

/** Given by a Secret, never by a ConfigMap: it has a password. */
const SECRET_SETTINGS = ['DATABASE_URL'];

/** What clusters of today serve; the schemas also know versions that are gone. */
const API_VERSIONS = [
  'v1',
  'apps/v1',
  'autoscaling/v2',
  'batch/v1',
  'networking.k8s.io/v1',
  'policy/v1',
  'monitoring.coreos.com/v1',
];

for (const overlay of ['single', 'scaled'])
  describe(`k8s/overlays/${overlay}`, () => {
    const documents = build(`overlays/${overlay}`);
    const pods = podsOf(documents);
    const deployment = only(documents, 'Deployment');
    const service = only(documents, 'Service');
    const namespace = only(documents, 'Namespace').metadata!;
    const policies = ofKind(documents, 'NetworkPolicy');
    const claims = ofKind(documents, 'PersistentVolumeClaim');

    it('has documents that fit the Kubernetes API and the Prometheus operator', async () => {
      assert.deepEqual(schemaProblems(documents), []);
      assert.deepEqual(await valueProblems(documents), []);
    });

    it('uses no API version that is gone', () => {
      const others = documents.filter(({ apiVersion }) => !API_VERSIONS.includes(apiVersion));
      assert.deepEqual(others, []);
    });

    it('gives everything a name that the API takes', () => {
      for (const { kind, metadata } of documents)
        assert.match(metadata.name, /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, kind);
    });

    it('puts everything into its namespace, which enforces the Pod Security standard “restricted”', () => {
      for (const level of ['enforce', 'audit', 'warn'])
        assert.equal(namespace.labels?.[`pod-security.kubernetes.io/${level}`], 'restricted');
      const elsewhere = documents
        .filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== namespace.name)
        .map(({ metadata }) => metadata.name);
      assert.deepEqual(elsewhere, []);
    });

    for (const { owner, spec, containers } of pods) {
      it(`keeps ${owner} to that standard, with a read-only root and no token of the cluster`, () => {
        assert.equal(spec.securityContext?.runAsNonRoot, true);
        assert.equal(spec.securityContext.seccompProfile?.type, 'RuntimeDefault');
        assert.equal(spec.hostNetwork ?? spec.hostPID ?? spec.hostIPC, undefined);
        const kinds = (spec.volumes ?? []).flatMap(({ name: _, ...kind }) => Object.keys(kind));
        for (const kind of kinds)
          assert.ok(['persistentVolumeClaim', 'secret', 'emptyDir'].includes(kind), kind);
        for (const { name, securityContext } of containers)
          assert.deepEqual(
            securityContext,
            {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
            name,
          );
        assert.equal(spec.serviceAccountName, 'sensigate');
        assert.equal(only(documents, 'ServiceAccount').automountServiceAccountToken, false);
      });

      it(`asks for what ${owner} needs, and does not let it take a node’s memory`, () => {
        for (const { name, resources } of containers)
          assert.ok(
            resources?.requests?.cpu && resources.requests.memory && resources.limits?.memory,
            `${owner} ${name}`,
          );
      });

      it(`gives ${owner} only settings that the service reads, secret ones by a Secret, and mounts that exist`, () => {
        const maps = ofKind(documents, 'ConfigMap');
        for (const { env = [], envFrom = [], volumeMounts = [] } of containers) {
          for (const { configMapRef } of envFrom) {
            const { data = {} } = maps.find(({ metadata }) => metadata?.name === configMapRef?.name)!;
            assert.deepEqual(
              Object.keys(data).filter((name) => !SETTINGS.includes(name) || SECRET_SETTINGS.includes(name)),
              [],
            );
          }
          for (const { name, valueFrom } of env)
            assert.ok(SECRET_SETTINGS.includes(name) && valueFrom?.secretKeyRef, name);
          const volumes = new Set(spec.volumes?.map(({ name }) => name));
          assert.deepEqual(
            volumeMounts.filter(({ name }) => !volumes.has(name)),
            [],
          );
        }
        for (const { persistentVolumeClaim } of spec.volumes ?? [])
          if (persistentVolumeClaim)
            assert.ok(claims.some(({ metadata }) => metadata?.name === persistentVolumeClaim.claimName));
      });

      it(`runs ${owner} from images of this version`, () => {
        for (const { image } of containers)
          assert.match(image!, new RegExp(`^sensigate(-model)?:${packageJson.version}$`));
      });
    }

    it('sends traffic to the replicas alone', () => {
      for (const { owner, labels } of pods) {
        assert.equal(picks(service.spec?.selector, labels), owner === 'server', owner);
        assert.equal(picks(deployment.spec?.selector.matchLabels, labels), owner === 'server', owner);
      }
    });

    it('denies every connection that no policy opens', () => {
      const all = policies.find(({ metadata }) => metadata?.name === 'default-deny')!;
      assert.deepEqual(all.spec, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    });

    it('opens the port that the Service exposes, to callers and monitoring, and no other', () => {
      const { labels } = pods.find(({ owner }) => owner === 'server')!;
      const open = policies
        .filter(({ spec }) => spec!.policyTypes?.includes('Ingress') && spec!.ingress)
        .filter(({ spec }) => picks(spec!.podSelector?.matchLabels, labels))
        .flatMap(({ spec }) => spec!.ingress!);
      assert.deepEqual(
        open.flatMap(({ ports }) => ports!.map(({ port }) => port)),
        service.spec?.ports?.map(({ targetPort }) => targetPort),
      );
      for (const { from } of open)
        assert.deepEqual(
          from?.map(({ namespaceSelector }) => namespaceSelector?.matchLabels),
          ['ingress-nginx', 'monitoring'].map((name) => ({ 'kubernetes.io/metadata.name': name })),
        );
    });

    it('lets every pod ask for names, and whoever has a database’s address reach it', () => {
      for (const { owner, labels, containers } of pods) {
        const ports = policies
          .filter(({ spec }) => picks(spec!.podSelector?.matchLabels, labels))
          .flatMap(({ spec }) => spec!.egress ?? [])
          .flatMap((rule) => rule.ports!.map(({ port }) => port));
        assert.ok(ports.includes(53), owner);
        const needsDatabase = containers.some(({ env }) => env?.some(({ name }) => name === 'DATABASE_URL'));
        assert.equal(ports.includes(5432), needsDatabase, owner);
      }
    });

    it('has its metrics scraped from the port that the Service names', () => {
      const { spec } = only(documents, 'ServiceMonitor');
      assert.ok(picks(spec.selector.matchLabels, service.metadata!.labels!));
      assert.deepEqual(
        spec.endpoints.map(({ port, path }) => [port, path]),
        [[service.spec!.ports![0]!.name, '/metrics']],
      );
      // The alerts say job="sensigate", and the operator takes the Service's name for it.
      assert.equal(service.metadata?.name, 'sensigate');
    });

    it('brings the dashboards to where Grafana looks for them', () => {
      const dashboards = ofKind(documents, 'ConfigMap').find(
        ({ metadata }) => metadata?.labels?.grafana_dashboard === '1',
      );
      assert.deepEqual(Object.keys(dashboards?.data ?? {}), ['gate.json', 'queue.json', 'service.json']);
    });
  });
