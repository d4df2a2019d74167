import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { CronJob, Job } from 'kubernetes-types/batch/v1.js';
import type {
  ConfigMap,
  Container,
  Namespace,
  PersistentVolumeClaim,
  PodSpec,
  PodTemplateSpec,
  Service,
  ServiceAccount,
} from 'kubernetes-types/core/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
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
  readonly ConfigMap: ConfigMap;
  readonly CronJob: CronJob;
  readonly Deployment: Deployment;
  readonly HorizontalPodAutoscaler: HorizontalPodAutoscaler;
  readonly Job: Job;
  readonly Namespace: Namespace;
  readonly NetworkPolicy: NetworkPolicy;
  readonly PersistentVolumeClaim: PersistentVolumeClaim;
  readonly PodDisruptionBudget: PodDisruptionBudget;
  readonly Service: Service;
  readonly ServiceAccount: ServiceAccount;
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
  readonly spec: PodSpec;
  readonly containers: readonly Container[];
}

export function podsOf(documents: readonly Document[]): Pod[] {
  const templates: (readonly [string, PodTemplateSpec])[] = [
    ...ofKind(documents, 'Deployment').map((d) => ['server', d.spec!.template] as const),
    ...ofKind(documents, 'Job').map((job) => [job.metadata!.name!, job.spec!.template] as const),
    ...ofKind(documents, 'CronJob').map(
      (cron) => [cron.metadata!.name!, cron.spec!.jobTemplate.spec!.template] as const,
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
