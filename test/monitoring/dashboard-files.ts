import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const folder = new URL('../../k8s/monitoring/dashboards/', import.meta.url);

/**
 * Kinds of panel and units that these dashboards use. Grafana takes any text and draws nothing, or plain
 * numbers.
 */
const KINDS = ['timeseries', 'stat', 'heatmap', 'table'] as const;
const UNITS = ['s', 'percentunit', 'reqps', 'short', 'bytes'] as const;

const panelSchema = z.looseObject({
  title: z.string(),
  description: z.string().min(1),
  type: z.enum(KINDS),
  fieldConfig: z.looseObject({ defaults: z.looseObject({ unit: z.enum(UNITS) }) }),
  gridPos: z.strictObject({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  targets: z.array(z.looseObject({ expr: z.string(), legendFormat: z.string() })).min(1),
});

const annotationSchema = z.looseObject({
  name: z.string(),
  enable: z.literal(true),
  expr: z.string(),
  titleFormat: z.string(),
  textFormat: z.string(),
});

const dashboardSchema = z.looseObject({
  uid: z.string(),
  title: z.string(),
  templating: z.looseObject({ list: z.array(z.looseObject({ name: z.string() })) }),
  annotations: z.looseObject({ list: z.array(annotationSchema) }),
  panels: z.array(panelSchema),
});

export const dashboards = readdirSync(folder)
  .sort()
  .map((file) => ({
    file,
    ...dashboardSchema.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))),
  }));
