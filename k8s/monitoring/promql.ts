import type { Query } from './dashboard.ts';

/** The choice made above the dashboard. */
export const TARGET = 'namespace="$namespace", job="$job"';

/** Requests to the API; not probes, pages and scrapes. */
export const API = `${TARGET}, route=~"/v[12]/.*"`;

export const PREDICTIONS = `${TARGET}, route="/v1/predictions", method="POST"`;

export function quantile(q: number, histogram: string, selector: string, legend = `${q * 100}%`): Query {
  return {
    expr: `histogram_quantile(${q}, sum by (le) (rate(${histogram}_bucket{${selector}}[$__rate_interval])))`,
    legend,
  };
}

export function mean(histogram: string, legend: string): Query {
  return {
    expr: `sum(rate(${histogram}_sum{${TARGET}}[$__rate_interval])) / sum(rate(${histogram}_count{${TARGET}}[$__rate_interval]))`,
    legend,
  };
}
