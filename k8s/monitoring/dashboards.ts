// Writes the dashboards as Grafana reads them: node k8s/monitoring/dashboards.ts
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { grafanaJson } from './dashboard.ts';
import { gateDashboard } from './gate-dashboard.ts';
import { queueDashboard } from './queue-dashboard.ts';
import { serviceDashboard } from './service-dashboard.ts';

export const DASHBOARDS = { service: serviceDashboard, gate: gateDashboard, queue: queueDashboard };

/** What stands in dashboards/, by file name. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(DASHBOARDS).map(([name, dashboard]) => [
      `${name}.json`,
      `${JSON.stringify(grafanaJson(dashboard), null, 1)}\n`,
    ]),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, json] of dashboardFiles())
    writeFileSync(new URL(`dashboards/${name}`, import.meta.url), json);
}
