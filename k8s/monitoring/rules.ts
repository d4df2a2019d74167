/**
 * Writes the rule files of Prometheus once more as what the Prometheus operator takes:
 *
 *     node k8s/monitoring/rules.ts
 *     RUNBOOK_BASE_URL=https://git.example/sensigate/blob/main node k8s/monitoring/rules.ts build/monitoring
 *
 * With RUNBOOK_BASE_URL each alert's `runbook_url` opens: it is where this repository's files can be read.
 * With a folder, rule files and `prometheus-rules.yaml` are written there, and those here stay as they are.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('./', import.meta.url));

/** A rule file by its name, `gate.yaml`. */
type RuleFiles = ReadonlyMap<string, string>;

/**
 * The rule files, with each link to the runbook below `baseUrl`.
 *
 * @param baseUrl Empty: links stay paths in this repository.
 * @throws Error where it is no address
 */
export function ruleFilesWith(baseUrl: string): RuleFiles {
  if (baseUrl !== '' && !/^https?:$/.test(URL.parse(baseUrl)?.protocol ?? ''))
    throw new Error(`expected RUNBOOK_BASE_URL to be http://… or https://…, got ${baseUrl}`);
  const base = baseUrl === '' ? '' : `${baseUrl.replace(/\/+$/, '')}/`;
  const names = readdirSync(join(folder, 'rules')).filter((name) => name.endsWith('.yaml'));
  const linked = (name: string): string =>
    readFileSync(join(folder, 'rules', name), 'utf8').replaceAll(/(runbook_url: )(?=docs\/)/g, `$1${base}`);
  return new Map(names.sort().map((name) => [name, linked(name)]));
}

/** The PrometheusRule of every file in `rules`: the same text, two spaces further in. */
export function prometheusRules(files: RuleFiles = ruleFilesWith('')): string {
  const documents = [...files].map(([file, text]) => {
    const head = [
      'apiVersion: monitoring.coreos.com/v1',
      'kind: PrometheusRule',
      'metadata:',
      `  name: sensigate-${file.slice(0, -'.yaml'.length)}`,
      'spec:',
    ];
    const lines = text.trimEnd().split('\n');
    return [...head, ...lines.map((line) => (line === '' ? '' : `  ${line}`))].join('\n');
  });
  return `# Written by rules.ts from rules/: change those.\n${documents.join('\n---\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = ruleFilesWith(process.env.RUNBOOK_BASE_URL ?? '');
  const target = process.argv[2];
  if (target !== undefined) {
    mkdirSync(join(target, 'rules'), { recursive: true });
    for (const [name, text] of files) writeFileSync(join(target, 'rules', name), text);
  }
  writeFileSync(join(target ?? folder, 'prometheus-rules.yaml'), prometheusRules(files));
}
