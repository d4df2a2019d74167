import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Decades with a step between: 1e-8, 3e-8, … 3, 10. Sensitivities of confident inputs are that small. */
const SENSITIVITY_BUCKETS = [...Array(9).keys()]
  .flatMap((i) => [Number(`1e${i - 8}`), Number(`3e${i - 8}`)])
  .concat(10);

/** From a millisecond, one small model's forward pass, to the longest deadline that makes sense. */
const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** From a glance to a week. */
const LEAD_BUCKETS = [10, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 259_200, 604_800];

const POWERS_OF_TWO = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** What becomes of the image of an automatic answer. Which are audited would tell whoever reads metrics. */
export const KEPT_EVENTS = ['kept', 'not_kept', 'dropped'] as const;

export const RELOADED_KEYS = ['taken', 'refused'] as const;

/** What the service measures: names, meaning, labels and buckets, registered with `registry`. */
export function createInstruments(registry: Registry) {
  const registers = [registry];
  return {
    http: new Histogram({
      name: 'http_server_request_duration_seconds',
      help: 'Duration of HTTP requests until they were answered, or hung up by the caller (status 499).',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS_BUCKETS,
      registers,
    }),
    predictions: new Counter({
      name: 'sensigate_predictions_total',
      help:
        'Predictions by decision, reason and stream, which is one of STREAMS or other. One with several ' +
        'reasons counts under each; auto has the reason none.',
      labelNames: ['decision', 'reason', 'stream'],
      registers,
    }),
    sensitivity: new Histogram({
      name: 'sensigate_sensitivity',
      help:
        'Frobenius norm of the Jacobian of the probabilities, per unit of pixel intensity, where ' +
        'it was measured.',
      buckets: SENSITIVITY_BUCKETS,
      registers,
    }),
    probes: new Histogram({
      name: 'sensigate_probes',
      help: 'Probes per prediction.',
      buckets: [0, ...POWERS_OF_TWO],
      registers,
    }),
    kept: new Counter({
      name: 'sensigate_automatic_images_total',
      help:
        'Images of automatic answers by what became of them: kept, not_kept since too many waited, dropped ' +
        'since they were too old or too many.',
      labelNames: ['event'],
      registers,
    }),
    passes: new Counter({
      name: 'sensigate_forward_passes_total',
      help: 'Inputs that went through the network, probes among them.',
      registers,
    }),
    engineQueue: new Histogram({
      name: 'sensigate_engine_queue_seconds',
      help: 'Time that a prediction waited for the engine.',
      buckets: SECONDS_BUCKETS,
      registers,
    }),
    engineCompute: new Histogram({
      name: 'sensigate_engine_compute_seconds',
      help: 'Time that the engine computed for a prediction.',
      buckets: SECONDS_BUCKETS,
      registers,
    }),
    batchRows: new Histogram({
      name: 'sensigate_engine_batch_rows',
      help: 'Rows per run of the network.',
      buckets: POWERS_OF_TWO,
      registers,
    }),
    restarts: new Counter({
      name: 'sensigate_engine_restarts_total',
      help: 'Restarts of the inference process.',
      registers,
    }),
    lead: new Histogram({
      name: 'sensigate_review_lead_seconds',
      help: 'Time from an item being created to its label.',
      buckets: LEAD_BUCKETS,
      registers,
    }),
    labels: new Counter({
      name: 'sensigate_labels_total',
      help:
        "Labels by people, by the item's reason and whether the machine's label was the same " +
        '(true, false, unknown). One with several reasons counts under each.',
      labelNames: ['reason', 'agrees'],
      registers,
    }),
    reviewerLabels: new Counter({
      name: 'sensigate_reviewer_labels_total',
      help: 'Labels by reviewer; past a bound of different reviewers all others share the name other.',
      labelNames: ['reviewer'],
      registers,
    }),
    keysReloads: new Counter({
      name: 'sensigate_api_keys_reloads_total',
      help:
        'Files of API keys that were changed on disk, by outcome: taken, or refused with the old ' +
        'keys kept.',
      labelNames: ['outcome'],
      registers,
    }),
    keysRefused: new Gauge({
      name: 'sensigate_api_keys_refused',
      help: 'Whether the file of API keys does not hold, so that those from before it are good: 1 or 0.',
      registers,
    }),
    model: new Gauge({
      name: 'sensigate_model_info',
      help: 'The model that is served: always 1.',
      labelNames: ['name', 'version', 'digest'],
      registers,
    }),
    build: new Gauge({
      name: 'sensigate_build_info',
      help: 'The version of the service and of Node: always 1.',
      labelNames: ['version', 'node'],
      registers,
    }),
  };
}
