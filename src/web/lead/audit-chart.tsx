import { useState } from 'preact/hooks';
import type { Api } from '../api/api.ts';
import { count, percent } from '../format.ts';
import type { DayStatistics } from '../../wire/days.ts';
import type { AuditEstimate } from '../../wire/model.ts';
import { dayName, useDays } from './use-days.ts';

/** Four weeks: what the audit's estimate is taken over. */
const DAYS = 28;
const WIDTH = 280;
const HEIGHT = 120;
const FOOT = 18;
const HEAD = 12;
/** For the scale's figures. */
const SIDE = 34;
const ROUND = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];
/**
 * An interval above so many times the promise runs off the chart, so that a day of few audits does not
 * flatten all others.
 */
const SEEN = 5;

/** The audit's estimate over time with its interval, against what the gate promises. */
export function AuditChart({ api }: { readonly api: Api }) {
  const [per, setPer] = useState<'day' | 'week'>('week');
  const spans = useDays(api, DAYS, per);
  return (
    <section class="panel" aria-labelledby="risk-title">
      <div class="panel-head">
        <h2 id="risk-title">Audit over time</h2>
        <label class="per">
          Each{' '}
          <select
            value={per}
            onChange={(event) => {
              setPer(event.currentTarget.value as typeof per);
            }}
          >
            <option value="day">day</option>
            <option value="week">week</option>
          </select>
        </label>
      </div>
      {spans === null ? (
        <p class="hint">Counting …</p>
      ) : spans.every(({ audit }) => audit.labels === 0) ? (
        <p class="hint">No audit of the last {DAYS} days is labelled yet.</p>
      ) : (
        <>
          <Plot spans={spans} />
          <Figures spans={spans} />
        </>
      )}
      <p class="hint">
        Wrong automatic labels, by the day of the image in UTC. The bar is the 95% interval; the dashed line
        is the promise.
      </p>
    </section>
  );
}

function Plot({ spans }: { readonly spans: readonly DayStatistics[] }) {
  const audits = spans.map(({ audit }) => audit).filter(({ labels }) => labels > 0);
  const promised = audits[0]?.promised ?? null;
  const highest = audits.reduce((most, { interval }) => Math.max(most, interval[1]), 0);
  const estimates = audits.reduce((most, { estimate }) => Math.max(most, estimate ?? 0), 0);
  const wanted = Math.min(highest, Math.max(2 * estimates, promised === null ? 0.05 : SEEN * promised));
  const top = ROUND.find((value) => value >= wanted) ?? 1;
  const slot = (WIDTH - SIDE) / spans.length;
  const y = (value: number): number => HEIGHT - (Math.min(value, top) / top) * (HEIGHT - HEAD);
  return (
    <svg
      class="risks"
      viewBox={`0 0 ${WIDTH} ${HEIGHT + FOOT}`}
      role="img"
      aria-label={summary(spans, promised)}
    >
      <line x1={SIDE} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} class="axis" />
      <Figure at={HEIGHT} value={0} />
      {promised !== null && promised <= top && (
        <>
          <line x1={SIDE} x2={WIDTH} y1={y(promised)} y2={y(promised)} class="promise" />
          <Figure at={y(promised)} value={promised} />
        </>
      )}
      {(promised === null || y(promised) - y(top) > 14) && <Figure at={y(top)} value={top} />}
      {spans.map(({ from, until, audit }, i) => {
        const x = SIDE + (i + 0.5) * slot;
        return (
          <g key={from}>
            {audit.estimate !== null && (
              <>
                <line
                  x1={x}
                  x2={x}
                  y1={y(audit.interval[0])}
                  y2={y(audit.interval[1])}
                  class={audit.interval[1] > top ? 'range cut' : 'range'}
                >
                  <title>{spoken(from, until, audit)}</title>
                </line>
                <circle cx={x} cy={y(audit.estimate)} r="3.5" class="dot">
                  <title>{spoken(from, until, audit)}</title>
                </circle>
              </>
            )}
            {(spans.length - 1 - i) % (spans.length > 8 ? 7 : 1) === 0 && (
              <text
                x={x}
                y={HEIGHT + 14}
                text-anchor={spans.length > 8 && i === spans.length - 1 ? 'end' : 'middle'}
              >
                {dayName(from)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** A figure of the scale, at its height. */
function Figure({ at, value }: { readonly at: number; readonly value: number }) {
  return (
    <text x={SIDE - 5} y={at + 3.5} text-anchor="end">
      {value === 0 ? '0' : percent(value)}
    </text>
  );
}

/** The same as a table, for whoever reads better than they see, or wants the figures. */
function Figures({ spans }: { readonly spans: readonly DayStatistics[] }) {
  return (
    <details class="risk-figures">
      <summary>Figures</summary>
      <div class="risk-scroll" role="region" aria-label="Figures of the audit over time" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">Audited</th>
              <th scope="col">Wrong</th>
              <th scope="col">Estimate</th>
              <th scope="col">Interval</th>
            </tr>
          </thead>
          <tbody>
            {spans.map(({ from, audit }) => (
              <tr key={from}>
                <th scope="row">{dayName(from)}</th>
                <td>{count(audit.labels)}</td>
                <td>{count(audit.errors)}</td>
                <td>{audit.estimate === null ? '–' : percent(audit.estimate)}</td>
                <td>{audit.labels === 0 ? '–' : rangeOf(audit.interval)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

const rangeOf = ([low, high]: readonly [number, number]): string => `${percent(low)} to ${percent(high)}`;

function spoken(from: string, until: string, { estimate, interval, labels, errors }: AuditEstimate): string {
  const last = new Date(Date.parse(until) - 1).toISOString();
  const time = dayName(from) === dayName(last) ? dayName(from) : `${dayName(from)} to ${dayName(last)}`;
  if (estimate === null) return `${time}: no audit labelled`;
  const found = `${count(errors)} wrong of ${count(labels)} audited`;
  return `${time}: ${percent(estimate)}, ${rangeOf(interval)}; ${found}`;
}

function summary(spans: readonly DayStatistics[], promised: number | null): string {
  const last = spans.findLast(({ audit }) => audit.labels > 0);
  const within = promised === null ? '' : ` The gate promises at most ${percent(promised)}.`;
  const latest = last === undefined ? '' : ` Latest: ${spoken(last.from, last.until, last.audit)}.`;
  return `Estimated share of wrong automatic labels over ${DAYS} days.${within}${latest}`;
}
