import { join } from 'node:path';
import type { Settings } from './settings.ts';
import type { Gate } from '../gate/gate.ts';
import { type LiveGateFile, type GateInUse, openLiveGateFile } from '../gate/live-gate-file.ts';
import type { GateDescription, ServedGate } from '../wire/model.ts';
import type { Model } from '../model/load.ts';
import { kolmogorovSmirnov } from '../numerics/risk/two-sample.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Releases } from './releases.ts';

/** Writing a gate takes milliseconds; what differs after this is left to the next check. */
const SETTLE_MS = 100;

export interface ServedGateDeps {
  readonly settings: Settings;
  readonly model: Model;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly releases: Releases;
  /** The gate that decides has changed. Not called for the one that the service starts with. */
  readonly onGateChange: (gate: Gate, former: Gate | null) => void;
}

/** The gate file of the settings, watched until release: every GATE_CHECK_MS, and at SIGHUP at once. */
export async function openServedGate(deps: ServedGateDeps): Promise<LiveGateFile> {
  const { settings, model, log, metrics, releases, onGateChange } = deps;
  const file = await openLiveGateFile({
    path: settings.GATE_FILE ?? join(settings.MODEL_DIR, 'gate.json'),
    modelDigest: model.digest,
    settle: () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS)),
    onTaken: (gate, former) => {
      describe(metrics, gate);
      metrics.countGateReload('taken');
      onGateChange(gate, former);
    },
    onRefused: ({ code, message }, kept) => {
      metrics.countGateReload('refused');
      const decides = kept === null ? 'every image still goes to review' : `gate ${kept.id} still decides`;
      log.warn(
        { code, gate: kept?.id ?? null },
        `the gate file was replaced and is refused, ${decides}: ${message}. Put a valid file there; until ` +
          `then a restart finds no gate.`,
      );
    },
  });
  const { gate, error } = file.inUse;
  if (error !== null)
    log.warn({ code: error.code }, `no gate, so every image goes to review: ${error.message}`);
  describe(metrics, gate);
  metrics.watchDrift(() => driftFrom(file.inUse.gate, metrics.recentSensitivities()));

  const check = (): void => {
    file.check().catch((error: unknown) => {
      log.error({ err: error }, 'the gate file could not be checked');
    });
  };
  const timer = setInterval(check, settings.GATE_CHECK_MS).unref();
  process.on('SIGHUP', check);
  releases.push(() => {
    clearInterval(timer);
    process.off('SIGHUP', check);
  });
  return file;
}

/** As GET /v1/gate shows it. */
export function shownGate({ gate, error, refused }: GateInUse): ServedGate {
  const { message = null } = refused ?? {};
  return gate === null
    ? { gate, reason: error.message, refused: message }
    : { gate: describeGate(gate), reason: null, refused: message };
}

/** The gate without the parameters of its distances, most of its file, which tell a reader nothing. */
export function describeGate({ familiarity, ...gate }: Gate): GateDescription {
  if (familiarity === null) return { ...gate, familiarity };
  const { groups, cut, power, learned_from, held_out } = familiarity;
  const names = groups.map(({ group }) => group);
  return { ...gate, familiarity: { groups: names, cut, power, learned_from, held_out } };
}

/** Shares of calibration's inputs whose sensitivity is a metric. */
const SHOWN_QUANTILES = [0.5, 0.9, 0.99];

function describe(metrics: Metrics, gate: Gate | null): void {
  metrics.describeGate(
    gate && {
      ...gate,
      promisedRisk: gate.calibration.proven?.risk ?? null,
      // What the dashboard draws beside the live ones; drift is measured against all.
      sensitivityQuantiles: gate.calibration.sensitivity_quantiles.filter(([share]) =>
        SHOWN_QUANTILES.includes(share),
      ),
    },
  );
}

/**
 * Fewer sensitivities than this say little of a distribution: of 500 the distance is 0.06 by chance once in
 * twenty times.
 */
const LEAST_FOR_DRIFT = 500;

/** Distance of the latest sensitivities from those of calibration. */
function driftFrom(gate: Gate | null, recent: Float64Array): number | null {
  const reference = gate?.calibration.sensitivity_quantiles ?? [];
  if (reference.length === 0 || recent.length < LEAST_FOR_DRIFT) return null;
  return kolmogorovSmirnov(
    recent,
    reference.map(([, value]) => value),
  );
}
