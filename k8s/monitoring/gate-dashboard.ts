import type { Dashboard } from './dashboard.ts';
import { mean, quantile, TARGET } from './promql.ts';

export const gateDashboard: Dashboard = {
  uid: 'sensigate-gate',
  title: 'Sensigate: gate',
  panels: [
    {
      title: 'Gate in use',
      description: 'Several rows: replicas decide by different gates.',
      type: 'table',
      unit: 'short',
      queries: [{ expr: `sensigate_gate_info{${TARGET}}`, legend: '{{id}}' }],
    },
    {
      title: 'Share that goes to review',
      description: 'Of all predictions, in the last hour.',
      type: 'stat',
      unit: 'percentunit',
      queries: [{ expr: `sensigate:reviews:ratio_rate1h{${TARGET}}`, legend: 'review' }],
    },
    {
      title: 'Review rate by reason',
      description: 'Share of all predictions; one with several reasons is in each.',
      type: 'timeseries',
      unit: 'percentunit',
      queries: [{ expr: `sensigate:reviews_by_reason:ratio_rate15m{${TARGET}}`, legend: '{{reason}}' }],
    },
    {
      title: 'Predictions and automatic labels',
      description: 'The difference goes to people.',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        { expr: `sum(rate(sensigate_probes_count{${TARGET}}[$__rate_interval]))`, legend: 'predictions' },
        {
          expr: `sum(rate(sensigate_predictions_total{${TARGET}, decision="auto"}[$__rate_interval]))`,
          legend: 'automatic',
        },
      ],
    },
    {
      title: 'Distribution of the sensitivity',
      description: 'Predictions by bucket. The threshold is in the panel beside, on the same scale.',
      type: 'heatmap',
      unit: 'short',
      queries: [
        {
          expr: `sum by (le) (increase(sensigate_sensitivity_bucket{${TARGET}}[$__rate_interval]))`,
          legend: '{{le}}',
        },
      ],
    },
    {
      title: 'Sensitivity against the threshold and calibration',
      description:
        'Live quantiles should run along those of calibration. The threshold is comparable where the gate’s signal is the sensitivity.',
      type: 'timeseries',
      unit: 'short',
      logarithmic: true,
      queries: [
        ...[0.5, 0.9, 0.99].map((q) => quantile(q, 'sensigate_sensitivity', TARGET, `live ${q}`)),
        {
          expr: `max by (share) (sensigate_calibration_sensitivity{${TARGET}})`,
          legend: 'calibration {{share}}',
        },
        { expr: `max by (signal) (sensigate_gate_threshold{${TARGET}})`, legend: 'threshold of {{signal}}' },
      ],
    },
    {
      title: 'Drift from calibration',
      description:
        'Kolmogorov-Smirnov distance of the latest 2000 sensitivities. The line is where an alert begins.',
      type: 'timeseries',
      unit: 'short',
      limit: 0.1,
      queries: [{ expr: `sensigate_sensitivity_drift{${TARGET}}`, legend: '{{instance}}' }],
    },
    {
      title: 'Sensitivities behind the drift',
      description: 'A replica that has seen few tells little.',
      type: 'timeseries',
      unit: 'short',
      queries: [{ expr: `sensigate_sensitivity_drift_window{${TARGET}}`, legend: '{{instance}}' }],
    },
    {
      title: 'Selective risk by the audit',
      description:
        'Error rate among automatic labels with its interval, and what the gate promised. Above the promise with the lower end, it is broken.',
      type: 'timeseries',
      unit: 'percentunit',
      queries: [
        { expr: `max by (bound) (sensigate_selective_risk{${TARGET}})`, legend: '{{bound}}' },
        { expr: `max(sensigate_gate_promised_risk{${TARGET}})`, legend: 'promised' },
      ],
    },
    {
      title: 'People agree with the machine',
      description: 'By the reason for review. Over audited images it is the accuracy of automatic labels.',
      type: 'timeseries',
      unit: 'percentunit',
      queries: [
        {
          expr: `sum by (reason) (increase(sensigate_labels_total{${TARGET}, agrees="true"}[1d])) / sum by (reason) (increase(sensigate_labels_total{${TARGET}, agrees!="unknown"}[1d]))`,
          legend: '{{reason}}',
        },
      ],
    },
    {
      title: 'Probes per prediction',
      description: 'Most images need none; those near the threshold many.',
      type: 'timeseries',
      unit: 'short',
      queries: [
        mean('sensigate_probes', 'mean'),
        quantile(0.9, 'sensigate_probes', TARGET),
        quantile(0.99, 'sensigate_probes', TARGET),
      ],
    },
    {
      title: 'Gate files replaced',
      description: 'In the last hour. A refused one leaves the old gate in use.',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (outcome) (increase(sensigate_gate_reloads_total{${TARGET}}[1h]))`,
          legend: '{{outcome}}',
        },
      ],
    },
  ],
};
