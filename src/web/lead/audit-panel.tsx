import type { Api } from '../api/api.ts';
import { count, percent } from '../format.ts';
import type { AuditEstimate, AuditReport, GateAnswer } from '../../wire/model.ts';
import { ClosedGate } from './closed-gate.tsx';

const STATES: Readonly<Record<AuditEstimate['state'], string>> = {
  holding: 'holding',
  broken: 'broken',
  too_few_labels: 'too few labels',
};

export interface AuditPanelProps {
  readonly api: Api;
  /** Null while it was not told yet. */
  readonly gate: GateAnswer | null;
  readonly blind: boolean;
  /** The gate was reopened. */
  readonly onReopened: () => void;
}

/** Whether what the gate lets through is as right as it promised. */
export function AuditPanel({ api, gate, blind, onReopened }: AuditPanelProps) {
  return (
    <section class="panel" aria-labelledby="audit-title">
      <h2 id="audit-title">Audit of the gate</h2>
      {gate?.closed?.map((closing) => (
        <ClosedGate key={closing.stream ?? ''} api={api} closing={closing} onReopened={onReopened} />
      ))}
      {gate === null ? <p class="hint">Asking …</p> : <Gate served={gate} />}
      {!blind && (
        <p class="hint">
          Audits are not blind here: without keys whoever labels may look up which images are audits.
        </p>
      )}
    </section>
  );
}

function Gate({ served }: { readonly served: GateAnswer }) {
  const { gate, reason, audit } = served;
  if (gate === null)
    return <p>There is no gate, so every image is reviewed. {reason !== null && <span>{reason}</span>}</p>;
  if (!audit?.labels)
    return (
      <>
        <p>There is no audit estimate yet.</p>
        <p class="hint">
          Gate {gate.id}: {gate.signal} up to {gate.threshold.toPrecision(3)} is labelled by the machine.
        </p>
      </>
    );
  return (
    <>
      <p class="estimate">
        <strong>{audit.estimate === null ? '–' : percent(audit.estimate)}</strong>{' '}
        <span class={`state ${audit.state}`}>{STATES[audit.state]}</span>
      </p>
      <Interval estimate={audit.estimate} interval={audit.interval} />
      <p class="hint">
        of automatic labels are wrong
        {`, with 95% confidence between ${percent(audit.interval[0])} and ${percent(audit.interval[1])}`};{' '}
        {count(audit.labels)} audited.
      </p>
      <Unjudged audit={audit} />
      <Tested audit={audit} />
      <Streams audit={audit} />
    </>
  );
}

/** Audits that are answered and not counted; a lead may settle those that wait for a second person. */
function Unjudged({ audit: { unjudged } }: { readonly audit: AuditReport }) {
  const { unconfirmed, unreadable, discarded } = unjudged;
  if (unconfirmed + unreadable + discarded === 0) return null;
  return (
    <p class="hint">
      {`Not counted: ${count(unconfirmed)} that one person alone finds wrong, ${count(unreadable)} unreadable, `}
      {`${count(discarded)} left out.`}
    </p>
  );
}

/** What may be looked at every day: the tests over all audits since the gate began. */
function Tested({ audit }: { readonly audit: AuditReport }) {
  const all = audit.tests.find(({ stream }) => stream === null);
  if (all === undefined) return null;
  const [low, high] = all.interval;
  return (
    <p class="hint">
      {`Since the gate began, at every look: between ${percent(low)} and ${percent(high)}, `}
      {`${count(all.errors)} wrong of ${count(all.labels)}. `}
      {all.evidence < 1
        ? `Evidence of a break is ${percent(all.evidence)} of what closes the gate.`
        : 'The promise is proven to be broken.'}
    </p>
  );
}

/** The same of each stream, where streams are told apart. */
function Streams({ audit }: { readonly audit: AuditReport }) {
  const streams = audit.tests.filter(({ stream }) => stream !== null);
  if (streams.length === 0) return null;
  return (
    <dl class="reviewers" aria-label="Audits by stream">
      {streams.map(({ stream, state, errors, labels }) => (
        <div key={stream}>
          <dt>{stream}</dt>
          <dd>
            {`${count(errors)} wrong of ${count(labels)} `}
            <span class={`state ${state}`}>{STATES[state]}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface IntervalProps {
  readonly estimate: number | null;
  readonly interval: readonly [number, number];
}

/** The interval on an axis from 0 to a round number beyond it. */
function Interval({ estimate, interval: [low, high] }: IntervalProps) {
  const end = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((value) => value >= high) ?? 1;
  const x = (value: number): number => 4 + (value / end) * 232;
  return (
    <svg class="interval" viewBox="0 0 240 30" aria-hidden="true">
      <line x1="4" x2="236" y1="9" y2="9" class="axis" />
      <line x1={x(low)} x2={x(high)} y1="9" y2="9" class="range" />
      {estimate !== null && <circle cx={x(estimate)} cy="9" r="5" class="dot" />}
      <text x="4" y="27">
        0
      </text>
      <text x="236" y="27" text-anchor="end">
        {percent(end)}
      </text>
    </svg>
  );
}
