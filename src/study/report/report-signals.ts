import { RANKING_METRICS, type RankingMetric } from '../../numerics/ranking/ranking-metrics.ts';
import { BASELINE, type Interval, type SignalComparison } from '../evaluation/compare-signals.ts';
import { type Html, html } from './html.ts';
import { inTableOrder, isSingleTransform, signalStyle, SINGLE_LINE } from './signal-style.ts';
import { fixed, interval } from './written-numbers.ts';

/** What is told of a metric, and in which unit. */
const METRICS: Readonly<
  Record<
    RankingMetric,
    {
      readonly name: string;
      readonly factor: number;
      readonly unit: string;
      readonly decimals: number;
      readonly up: boolean;
    }
  >
> = {
  auroc: { name: 'AUROC', factor: 1, unit: '', decimals: 3, up: true },
  aurc: { name: 'AURC ×1000', factor: 1000, unit: '', decimals: 2, up: false },
  excess_aurc: { name: 'E-AURC ×1000', factor: 1000, unit: '', decimals: 2, up: false },
  augrc: { name: 'AUGRC ×1000', factor: 1000, unit: '', decimals: 2, up: false },
  fpr_at_95_tpr: { name: 'FPR95', factor: 100, unit: '%', decimals: 1, up: false },
  'coverage_at_0.5%': { name: 'coverage at 0.5% risk', factor: 100, unit: '%', decimals: 1, up: true },
  'coverage_at_1%': { name: 'at 1%', factor: 100, unit: '%', decimals: 1, up: true },
  'coverage_at_2%': { name: 'at 2%', factor: 100, unit: '%', decimals: 1, up: true },
  'coverage_at_5%': { name: 'at 5%', factor: 100, unit: '%', decimals: 1, up: true },
};

export function legend(signals: readonly SignalComparison[]): Html {
  const sample = (colour: string, dash: string, width: number, name: string): Html =>
    html`<span
      ><svg width="30" height="10" aria-hidden="true">
        <line
          x1="0"
          x2="30"
          y1="5"
          y2="5"
          stroke="${colour}"
          stroke-dasharray="${dash}"
          stroke-width="${width}"
        /></svg
      >${name}</span
    >`;
  const single = signals.some(({ signal }) => isSingleTransform(signal));
  return html`<p class="legend">
    ${inTableOrder(signals)
      .filter(({ signal }) => !isSingleTransform(signal))
      .map(({ signal }) => {
        const { colour, dash, width, name } = signalStyle(signal);
        return sample(colour, dash, width, name);
      })}${single ? sample(SINGLE_LINE.colour, SINGLE_LINE.dash, SINGLE_LINE.width, 'agreement with one transformation') : null}
  </p>`;
}

export function signalTables(signals: readonly SignalComparison[]): Html {
  const rows = inTableOrder(signals);
  const head = html`<thead>
    <tr>
      <th>signal</th>
      ${RANKING_METRICS.map(
        (metric) => html`<th>${METRICS[metric].name}&nbsp;${METRICS[metric].up ? '↑' : '↓'}</th>`,
      )}
    </tr>
  </thead>`;
  const cell = (metric: RankingMetric, of: Interval, sign: Html | null = null): Html => {
    const { factor, unit, decimals } = METRICS[metric];
    const written = (value: number): string => fixed(factor * value, decimals);
    return html`${sign}${written(of.value)}${unit}<small>${interval(of.interval, written)}</small>`;
  };
  return html`<h3>How well each signal ranks errors</h3>
    <p>With 95% bootstrap intervals. ↑: more is better; ↓: less is.</p>
    <div class="wide">
      <table>
        ${head}
        <tbody>
          ${rows.map(
            ({ signal, metrics }) =>
              html`<tr>
                <th>${signalName(signal)}</th>
                ${RANKING_METRICS.map((metric) => html`<td>${cell(metric, metrics[metric])}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <h3>Differences to max-softmax</h3>
    <p>
      On the same resamples. <b class="better">▲</b> better and <b class="worse">▼</b> worse than max-softmax,
      where the interval leaves out zero.
    </p>
    <div class="wide">
      <table>
        ${head}
        <tbody>
          ${rows
            .filter(({ signal }) => signal !== BASELINE)
            .map(
              ({ signal, metrics }) =>
                html`<tr>
                  <th>${signalName(signal)}</th>
                  ${RANKING_METRICS.map((metric) => {
                    const { difference } = metrics[metric];
                    if (difference === null) return html`<td></td>`;
                    return html`<td>
                      ${cell(metric, difference, mark(difference.interval, METRICS[metric].up))}
                    </td>`;
                  })}
                </tr>`,
            )}
        </tbody>
      </table>
    </div>`;
}

/** Which way a difference lies, where it is not zero by its interval. */
function mark([low, high]: readonly [number, number], up: boolean): Html | null {
  if (!(low > 0 || high < 0)) return null;
  return low > 0 === up ? html`<b class="better">▲</b> ` : html`<b class="worse">▼</b> `;
}

export function signalName(signal: string): Html {
  const { name, colour } = signalStyle(signal);
  return isSingleTransform(signal)
    ? html`${name}`
    : html`<span class="dot" style="background: ${colour}"></span>${name}`;
}
