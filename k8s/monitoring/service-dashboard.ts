import type { Dashboard } from './dashboard.ts';
import { API, mean, PREDICTIONS, quantile, TARGET } from './promql.ts';

export const serviceDashboard: Dashboard = {
  uid: 'sensigate-service',
  title: 'Sensigate: service',
  panels: [
    {
      title: 'Requests',
      description: 'By route of the API.',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (route) (rate(http_server_request_duration_seconds_count{${API}}[$__rate_interval]))`,
          legend: '{{route}}',
        },
      ],
    },
    {
      title: 'Requests that were refused or failed',
      description:
        '4xx are the callers’ doing, 503 that the service has no room, other 5xx its own; 499 were given up.',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (status) (rate(http_server_request_duration_seconds_count{${API}, status=~"[45].."}[$__rate_interval]))`,
          legend: '{{status}}',
        },
      ],
    },
    {
      title: 'Share that failed',
      description: 'Answered 5xx. The line is the objective: 0.1% over 30 days.',
      type: 'timeseries',
      unit: 'percentunit',
      limit: 0.001,
      queries: [
        { expr: `sensigate:request_errors:ratio_rate5m{${TARGET}}`, legend: '5 minutes' },
        { expr: `sensigate:request_errors:ratio_rate1h{${TARGET}}`, legend: 'an hour' },
        { expr: `sensigate:request_errors:ratio_rate3d{${TARGET}}`, legend: 'three days' },
      ],
    },
    {
      title: 'Share of predictions slower than a second',
      description: 'The line is the objective: 1% over 30 days.',
      type: 'timeseries',
      unit: 'percentunit',
      limit: 0.01,
      queries: [
        { expr: `sensigate:slow_predictions:ratio_rate5m{${TARGET}}`, legend: '5 minutes' },
        { expr: `sensigate:slow_predictions:ratio_rate1h{${TARGET}}`, legend: 'an hour' },
        { expr: `sensigate:slow_predictions:ratio_rate3d{${TARGET}}`, legend: 'three days' },
      ],
    },
    {
      title: 'Duration of predictions',
      description: 'From the request’s head to the end of its answer, uploads included.',
      type: 'timeseries',
      unit: 's',
      logarithmic: true,
      queries: [0.5, 0.9, 0.99].map((q) => quantile(q, 'http_server_request_duration_seconds', PREDICTIONS)),
    },
    {
      title: 'Distribution of the duration of predictions',
      description: 'Requests by bucket.',
      type: 'heatmap',
      unit: 's',
      queries: [
        {
          expr: `sum by (le) (increase(http_server_request_duration_seconds_bucket{${PREDICTIONS}}[$__rate_interval]))`,
          legend: '{{le}}',
        },
      ],
    },
    {
      title: 'Waiting for the engine, and computing',
      description: 'Where the waiting grows and the computing does not, more replicas are needed.',
      type: 'timeseries',
      unit: 's',
      queries: [
        mean('sensigate_engine_queue_seconds', 'waiting, mean'),
        quantile(0.99, 'sensigate_engine_queue_seconds', TARGET, 'waiting, 99%'),
        mean('sensigate_engine_compute_seconds', 'computing, mean'),
        quantile(0.99, 'sensigate_engine_compute_seconds', TARGET, 'computing, 99%'),
      ],
    },
    {
      title: 'Forward passes, and rows per run',
      description: 'What the network computes; fuller runs under load are as it should be.',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (instance) (rate(sensigate_forward_passes_total{${TARGET}}[$__rate_interval]))`,
          legend: 'passes per second, {{instance}}',
        },
        mean('sensigate_engine_batch_rows', 'rows per run'),
      ],
    },
    {
      title: 'Restarts of the inference process',
      description: 'In the last 15 minutes.',
      type: 'timeseries',
      unit: 'short',
      limit: 3,
      queries: [
        {
          expr: `sum by (instance) (increase(sensigate_engine_restarts_total{${TARGET}}[15m]))`,
          legend: '{{instance}}',
        },
      ],
    },
    {
      title: 'Lateness of the HTTP process',
      description: 'Delay of its event loop, 99th percentile.',
      type: 'timeseries',
      unit: 's',
      limit: 0.5,
      queries: [{ expr: `nodejs_eventloop_lag_p99_seconds{${TARGET}}`, legend: '{{instance}}' }],
    },
    {
      title: 'Processor and memory of the HTTP process',
      description: 'The inference process is not among them: it shows in the container’s figures.',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `rate(process_cpu_seconds_total{${TARGET}}[$__rate_interval])`,
          legend: 'cores, {{instance}}',
        },
        { expr: `process_resident_memory_bytes{${TARGET}} / 1e9`, legend: 'GB, {{instance}}' },
      ],
    },
    {
      title: 'File descriptors',
      description: 'Share of those that the process may open.',
      type: 'timeseries',
      unit: 'percentunit',
      limit: 0.8,
      queries: [{ expr: `process_open_fds{${TARGET}} / process_max_fds{${TARGET}}`, legend: '{{instance}}' }],
    },
    {
      title: 'Volume',
      description: 'Share that is free. Only where SQLite keeps the queue on a volume.',
      type: 'timeseries',
      unit: 'percentunit',
      queries: [
        {
          expr: 'kubelet_volume_stats_available_bytes{namespace="$namespace", persistentvolumeclaim="sensigate-data"} / kubelet_volume_stats_capacity_bytes{namespace="$namespace", persistentvolumeclaim="sensigate-data"}',
          legend: '{{persistentvolumeclaim}}',
        },
      ],
    },
    {
      title: 'Files of API keys changed',
      description: 'In the last hour. A refused one leaves the old keys in use.',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (outcome) (increase(sensigate_api_keys_reloads_total{${TARGET}}[1h]))`,
          legend: '{{outcome}}',
        },
        {
          expr: `sum(sensigate_api_keys_refused{${TARGET}})`,
          legend: 'replicas that refuse the file now',
        },
      ],
    },
    {
      title: 'What runs',
      description: 'Version and model of every replica.',
      type: 'table',
      unit: 'short',
      queries: [
        { expr: `sensigate_build_info{${TARGET}}`, legend: '{{instance}}' },
        { expr: `sensigate_model_info{${TARGET}}`, legend: '{{instance}}' },
      ],
    },
  ],
};
