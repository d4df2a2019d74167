// Writes the rule files of Prometheus once more as what the Prometheus operator takes: node
// k8s/monitoring/rules.ts
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('./', import.meta.url);

/** The PrometheusRule of every file in `rules`: the same text, two spaces further in. */
export function prometheusRules(): string {
  const files = readdirSync(new URL('rules/', folder))
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  const documents = files.map((file) => {
    const text = readFileSync(new URL(`rules/${file}`, folder), 'utf8').trimEnd();
    const head = [
      'apiVersion: monitoring.coreos.com/v1',
      'kind: PrometheusRule',
      'metadata:',
      `  name: sensigate-${file.slice(0, -'.yaml'.length)}`,
      'spec:',
    ];
    return [...head, ...text.split('\n').map((line) => (line === '' ? '' : `  ${line}`))].join('\n');
  });
  return `# Written by rules.ts from rules/: change those.\n${documents.join('\n---\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('prometheus-rules.yaml', folder), prometheusRules());
