import type { Dashboard } from './dashboard.ts';
import { quantile, TARGET } from './promql.ts';

/** Every replica tells of the same queue, hence max and never sum over its items. */
export const queueDashboard: Dashboard = {
  uid: 'sensigate-queue',
  title: 'Sensigate: queue',
  panels: [
    {
      title: 'Depth',
      description: 'Items by state. Labelled ones stay until retention takes them.',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `max by (state) (sensigate_review_items{${TARGET}, state=~"pending|claimed"})`,
          legend: '{{state}}',
        },
      ],
    },
    {
      title: 'Oldest',
      description: 'Age of the oldest item without a label. The line is a day.',
      type: 'timeseries',
      unit: 's',
      limit: 86_400,
      queries: [{ expr: `max(sensigate_review_oldest_seconds{${TARGET}})`, legend: 'oldest' }],
    },
    {
      title: 'In and out',
      description: 'Where more comes in than goes out for long, raise the threshold or find reviewers.',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: `sum(rate(sensigate_probes_count{${TARGET}}[1h])) - sum(rate(sensigate_predictions_total{${TARGET}, decision="auto"}[1h]))`,
          legend: 'to review',
        },
        { expr: `sum(rate(sensigate_review_lead_seconds_count{${TARGET}}[1h]))`, legend: 'labelled' },
      ],
    },
    {
      title: 'Growth',
      description: 'Items per hour by which the queue grows, over the last six hours.',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `3600 * max(deriv(sensigate_review_items{${TARGET}, state="pending"}[6h]))`,
          legend: 'pending per hour',
        },
      ],
    },
    {
      title: 'Lead time',
      description: 'From an image being asked about to its label.',
      type: 'timeseries',
      unit: 's',
      logarithmic: true,
      queries: [0.5, 0.9].map((q) => quantile(q, 'sensigate_review_lead_seconds', TARGET)),
    },
    {
      title: 'Distribution of the lead time',
      description: 'Labels by bucket.',
      type: 'heatmap',
      unit: 's',
      queries: [
        {
          expr: `sum by (le) (increase(sensigate_review_lead_seconds_bucket{${TARGET}}[$__rate_interval]))`,
          legend: '{{le}}',
        },
      ],
    },
    {
      title: 'Labels per hour and reviewer',
      description: 'From the hundred-and-first reviewer on all are “other”.',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (reviewer) (increase(sensigate_reviewer_labels_total{${TARGET}}[1h]))`,
          legend: '{{reviewer}}',
        },
      ],
    },
    {
      title: 'Labels per hour and reason',
      description: 'Why the images had come to people.',
      type: 'timeseries',
      unit: 'short',
      queries: [
        { expr: `sum by (reason) (increase(sensigate_labels_total{${TARGET}}[1h]))`, legend: '{{reason}}' },
      ],
    },
  ],
};
