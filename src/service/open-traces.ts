import packageJson from '../../package.json' with { type: 'json' };
import type { Log } from '../telemetry/log.ts';
import type { Traces } from '../telemetry/traces.ts';
import type { Settings } from './settings.ts';

/** Traces where OTEL_EXPORTER_OTLP_ENDPOINT says where to; else none of their code is even loaded. */
export async function openTraces(settings: Settings, log: Log): Promise<Traces | null> {
  if (settings.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return null;
  const traces = await import('../telemetry/traces.ts');
  return traces.openTraces({
    version: packageJson.version,
    share: settings.OTEL_TRACES_SAMPLER_ARG,
    onProblem: (problem) => {
      log.warn({ problem }, 'traces cannot be sent');
    },
  });
}
