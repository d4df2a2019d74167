import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const rules = new URL('../../k8s/monitoring/rules/', import.meta.url);

const recordSchema = z.strictObject({ record: z.string(), expr: z.string() });
const alertSchema = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['page', 'ticket']), burn: z.string().optional() }),
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
});
const rulesSchema = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(z.union([recordSchema, alertSchema])) })),
});

const testsSchema = z.looseObject({
  tests: z.array(
    z.looseObject({
      alert_rule_test: z.array(
        z.looseObject({
          alertname: z.string(),
          exp_alerts: z.array(z.looseObject({ exp_labels: z.looseObject({ burn: z.string().optional() }) })),
        }),
      ),
    }),
  ),
});

export type Recording = z.infer<typeof recordSchema>;
export type Alert = z.infer<typeof alertSchema>;

export const ruleFiles = yamlFiles(rules);
export const ruleTestFiles = yamlFiles(new URL('tests/', rules));

const groups = ruleFiles.flatMap((file) => rulesSchema.parse(parse(readFileSync(file, 'utf8'))).groups);

export const recordings: readonly Recording[] = groups.flatMap((group) =>
  group.rules.filter((rule) => 'record' in rule),
);
export const alerts: readonly Alert[] = groups.flatMap((group) =>
  group.rules.filter((rule) => 'alert' in rule),
);

/** What the rule tests expect of each alert, by its name, and the rule of it that fires. */
export const alertTests: readonly { readonly name: string; readonly fired: readonly string[] }[] =
  ruleTestFiles
    .flatMap((file) => testsSchema.parse(parse(readFileSync(file, 'utf8'))).tests)
    .flatMap((test) => test.alert_rule_test)
    .map((test) => ({
      name: test.alertname,
      fired: test.exp_alerts.map(({ exp_labels }) => exp_labels.burn ?? ''),
    }));

function yamlFiles(folder: URL): URL[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => new URL(name, folder));
}
