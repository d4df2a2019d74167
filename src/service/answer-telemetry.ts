/** What is told of an answer, to metrics and to traces. */
import type { AuditEstimate } from '../oversight/audit-estimate.ts';
import type { Answer } from '../prediction/answer.ts';
import type { StreamGroupOf } from '../store/stream-group.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Traces } from '../telemetry/traces.ts';

/** What the audit tells, as metrics have it; null while nobody has labelled an audit. */
export function riskOfAudit(
  audit: AuditEstimate | null,
): { estimate: number; lower: number; upper: number } | null {
  if (audit === null || audit.estimate === null) return null;
  const [lower, upper] = audit.exact_interval;
  return { estimate: audit.estimate, lower, upper };
}

/** Tells metrics and, where there are traces, those of every answer. */
export function answerTelemetry(
  metrics: Metrics,
  traces: Traces | null,
  streamGroup: StreamGroupOf,
): (answer: Answer, passes: number) => void {
  return (answer, passes) => {
    observeAnswer(metrics, answer, passes, streamGroup(answer.stream));
    if (traces !== null) traceAnswer(traces, answer);
  };
}

function observeAnswer(metrics: Metrics, answer: Answer, passes: number, stream: string): void {
  metrics.observePrediction({
    decision: answer.decision,
    reasons: answer.reasons,
    stream,
    sensitivity: answer.signals.sensitivity ?? null,
    probes: answer.sensitivity?.probes ?? 0,
    passes,
    queueSeconds: (answer.timing?.queueMs ?? 0) / 1000,
    computeSeconds: (answer.timing?.computeMs ?? 0) / 1000,
  });
}

function traceAnswer(traces: Traces, { decision, reasons, sensitivity, timing }: Answer): void {
  traces.prediction(
    {
      'sensigate.decision': decision,
      'sensigate.reasons': [...reasons],
      ...(sensitivity && {
        'sensigate.sensitivity': sensitivity.value,
        'sensigate.probes': sensitivity.probes,
      }),
    },
    Object.entries(timing ?? {}).map(([name, ms]) => ({ name: name.replace(/Ms$/, ''), ms: ms as number })),
  );
}
