/** One query of a panel. */
export interface Query {
  readonly expr: string;
  /** Name of its series, where `{{label}}` stands for a label. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What to make of it, shown at the panel's corner. */
  readonly description: string;
  readonly type: 'timeseries' | 'stat' | 'heatmap' | 'table';
  /** Of Grafana: `s`, `percentunit`, `reqps`, `short`, `bytes`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  readonly logarithmic?: boolean;
  /** Draws a red line at this value. */
  readonly limit?: number;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

const WIDTH = 12;
const HEIGHT = 8;
const SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** The dashboard as Grafana reads it: two panels a row, and a choice of source, namespace and job above. */
export function grafanaJson({ uid, title, panels }: Dashboard): object {
  return {
    uid,
    title,
    tags: ['sensigate'],
    schemaVersion: 39,
    editable: true,
    refresh: '1m',
    time: { from: 'now-24h', to: 'now' },
    timezone: 'browser',
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Source' },
        variable('namespace', 'label_values(sensigate_build_info, namespace)'),
        variable('job', 'label_values(sensigate_build_info{namespace="$namespace"}, job)'),
      ],
    },
    panels: panels.map(grafanaPanel),
  };
}

function variable(name: string, query: string): object {
  return { name, type: 'query', datasource: SOURCE, query: { query, refId: name }, refresh: 2, sort: 1 };
}

function grafanaPanel(panel: Panel, i: number): object {
  const { title, description, type, unit } = panel;
  return {
    id: i + 1,
    title,
    description,
    type,
    datasource: SOURCE,
    gridPos: { x: (i % 2) * WIDTH, y: Math.floor(i / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    targets: panel.queries.map(({ expr, legend }, query) => ({
      refId: String.fromCharCode(65 + query),
      datasource: SOURCE,
      expr,
      legendFormat: legend,
      ...(type === 'heatmap' && { format: 'heatmap' }),
      ...(type === 'table' && { format: 'table', instant: true }),
    })),
    fieldConfig: { defaults: { unit, ...(type === 'timeseries' && drawing(panel)) }, overrides: [] },
    ...(type === 'heatmap' && {
      options: { calculate: false, yAxis: { unit }, color: { mode: 'scheme', scheme: 'Blues' } },
    }),
  };
}

function drawing({ logarithmic, limit }: Panel): object {
  return {
    custom: {
      ...(logarithmic && { scaleDistribution: { type: 'log', log: 10 } }),
      ...(limit !== undefined && { thresholdsStyle: { mode: 'line' } }),
    },
    ...(limit !== undefined && {
      thresholds: {
        mode: 'absolute',
        steps: [
          { color: 'green', value: null },
          { color: 'red', value: limit },
        ],
      },
    }),
  };
}
