import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import type { ICronJob } from 'kubernetes-models/batch/v1/CronJob';
import type { IJob } from 'kubernetes-models/batch/v1/Job';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { INamespace } from 'kubernetes-models/v1/Namespace';
import type { IPersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import type { IPodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec';
import type { IService } from 'kubernetes-models/v1/Service';
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { parse, parseAllDocuments } from 'yaml';
import type { Document } from './schema.ts';

const k8s = new URL('../../k8s/', import.meta.url);

/** The documents that a kustomization of `folder` names, as they stand in their files. */
export function readResources(folder: string): Document[] {
  const read = (file: string): string => readFileSync(new URL(`${folder}/${file}`, k8s), 'utf8');
  const { resources } = parse(read('kustomization.yaml')) as { resources: string[] };
  return resources.flatMap((file) => documentsIn(read(file)));
}

/** What `kubectl kustomize` makes of `folder`. */
export function build(folder: string): Document[] {
  const { status, stdout, stderr, error } = spawnSync(
    process.env.KUBECTL ?? 'kubectl',
    ['kustomize', fileURLToPath(new URL(folder, k8s))],
    { encoding: 'utf8' },
  );
  if (error) throw new Error('these tests need kubectl: make test-ops brings one', { cause: error });
  assert.equal(status, 0, stderr);
  return documentsIn(stdout);
}

function documentsIn(text: string): Document[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Document);
}

/** What the kinds in these files are. The schema test has checked that documents have their fields. */
interface Kinds {
  readonly ConfigMap: IConfigMap;
  readonly CronJob: ICronJob;
  readonly Deployment: IDeployment;
  readonly HorizontalPodAutoscaler: IHorizontalPodAutoscaler;
  readonly Job: IJob;
  readonly Namespace: INamespace;
  readonly NetworkPolicy: INetworkPolicy;
  readonly PersistentVolumeClaim: IPersistentVolumeClaim;
  readonly PodDisruptionBudget: IPodDisruptionBudget;
  readonly Service: IService;
  readonly ServiceAccount: IServiceAccount;
  readonly ServiceMonitor: IServiceMonitor;
}

export function ofKind<K extends keyof Kinds>(documents: readonly Document[], kind: K): readonly Kinds[K][] {
  return documents.filter((document) => document.kind === kind) as readonly unknown[] as readonly Kinds[K][];
}

/** The one document of `kind`. */
export function only<K extends keyof Kinds>(documents: readonly Document[], kind: K): Kinds[K] {
  const found = ofKind(documents, kind);
  assert.equal(found.length, 1, `expected one ${kind}`);
  return found[0]!;
}

/** A pod that some document asks for. */
export interface Pod {
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: IPodSpec;
  readonly containers: readonly IContainer[];
}

export function podsOf(documents: readonly Document[]): Pod[] {
  const templates: (readonly [string, IPodTemplateSpec])[] = [
    ...ofKind(documents, 'Deployment').map((d) => ['server', d.spec!.template] as const),
    ...ofKind(documents, 'Job').map((job) => [job.metadata!.name!, job.spec!.template] as const),
    ...ofKind(documents, 'CronJob').map(
      (cron) => [cron.metadata!.name!, cron.spec.jobTemplate.spec!.template] as const,
    ),
  ];
  return templates.map(([owner, { metadata, spec }]) => ({
    owner,
    labels: metadata?.labels ?? {},
    spec: spec!,
    containers: [...(spec!.initContainers ?? []), ...spec!.containers],
  }));
}

/** Whether a selector picks what has these labels. */
export function picks(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector ?? {}).every(([name, value]) => labels[name] === value);
}
