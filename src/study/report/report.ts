import type { SignalComparison } from '../evaluation/compare-signals.ts';
import type { Evaluation } from '../evaluation/evaluate.ts';
import { type Html, html, raw } from './html.ts';
import { reliabilityPlot, riskCoveragePlot, sensitivityPlot } from './plots.ts';
import type { Report, Gallery } from './report-content.ts';
import { whatIfSection, classTable } from './report-gate.ts';
import { GLOSSARY } from './report-glossary.ts';
import { legend, signalTables, signalName } from './report-signals.ts';
import { REPORT_STYLE } from './report-style.ts';
import { inTableOrder, signalStyle } from './signal-style.ts';
import { percent, whole, interval, count, short } from './written-numbers.ts';
import { smallest } from '../../numerics/extremes.ts';

/** The report as one HTML page that needs nothing else. */
export function renderReport(report: Report, galleries: readonly Gallery[]): string {
  const { model, gate, parts, problems } = report;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${model.name}: what its gate is worth</title>
        <style>
          ${raw(REPORT_STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>What the gate of ${model.name} is worth</h1>
          <dl class="facts">
            <dt>data</dt>
            <dd>${report.data}</dd>
            <dt>model</dt>
            <dd><code>${model.digest}</code></dd>
            <dt>gate</dt>
            <dd>
              ${
                gate === null
                  ? 'none'
                  : html`<code>${gate.id}</code>, on ${signalStyle(gate.signal).name}, threshold
                      ${short(gate.threshold)}${
                        gate.confidence_floor === null
                          ? ''
                          : `, confidence at least ${short(gate.confidence_floor)}`
                      }`
              }
            </dd>
            <dt>made</dt>
            <dd>${report.created}, sensigate ${report.tool}</dd>
          </dl>
        </header>
        <main>
          ${parts.length > 1 ? overview(report) : null}
          ${parts.map(({ name, evaluation }) => partSection(name, evaluation, report))}
          ${galleries.map((gallery) => gallerySection(gallery, report.labels))} ${problemSection(problems)}
          ${GLOSSARY}
        </main>
      </body>
    </html> `;
  return page.markup;
}

function overview({ parts }: Report): Html {
  const rows = inTableOrder(parts[0]!.evaluation.signals);
  return html`<section>
    <h2>Overview</h2>
    <p>
      Area under the risk–coverage curve, ×1000: the mean error rate over all shares of automatic labels. Less
      is better; the best of each column is bold.
    </p>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th>signal</th>
            ${parts.map(({ name }) => html`<th>${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          <tr class="muted">
            <th>wrong labels in all</th>
            ${parts.map(({ evaluation }) => html`<td>${percent(evaluation.errors / evaluation.images)}</td>`)}
          </tr>
          ${rows.map(
            ({ signal }) =>
              html`<tr>
                <th>${signalName(signal)}</th>
                ${parts.map(({ evaluation }) => {
                  const aurcOf = (one: SignalComparison): number => one.metrics.aurc.value;
                  const own = aurcOf(evaluation.signals.find((one) => one.signal === signal)!);
                  const best = smallest(evaluation.signals.map(aurcOf));
                  return html`<td>
                    ${own === best ? html`<b>${(1000 * own).toFixed(2)}</b>` : (1000 * own).toFixed(2)}
                  </td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function partSection(name: string, evaluation: Evaluation, report: Report): Html {
  const { gate: outcome, signals, sensitivity, risk } = evaluation;
  const threshold = report.gate?.signal === 'sensitivity' ? report.gate.threshold : null;
  return html`<section>
    <h2>${name}</h2>
    ${headline(evaluation)}
    <figure>
      <figcaption>
        <b>Error rate among automatic labels, over their share.</b> A lower line is a better signal; at the
        right end, where nothing is reviewed, all have the error rate of the classifier.
      </figcaption>
      ${legend(signals)} ${riskCoveragePlot(signals, outcome?.coverage ?? null)}
    </figure>
    ${signalTables(signals)}
    ${
      sensitivity &&
      html`<figure>
        <figcaption>
          <b>Sensitivity of right and of wrong answers.</b> Each kind adds up to 100%. The further apart, the
          better a threshold separates them.
        </figcaption>
        <p class="legend">
          <span><i class="swatch right"></i>right answers</span
          ><span><i class="swatch wrong"></i>wrong answers</span>
        </p>
        ${sensitivityPlot(sensitivity, threshold)}
      </figure>`
    }
    ${
      risk &&
      html`<figure>
        <figcaption>
          <b>Is the risk what it says?</b> Each dot is about ${risk.bins[0]?.images ?? 0} images of similar
          risk, with the exact ${whole(evaluation.confidence)} interval of their error rate. On the dashed
          line, risk is calibrated. Mean distance from it:
          ${percent(risk.calibration_error)}.${
            report.risk_is_cross_fitted
              ? ' Each image is judged by a model that was fitted on others of these.'
              : ''
          }
        </figcaption>
        ${reliabilityPlot(risk.bins)}
      </figure>`
    }
    ${whatIfSection(evaluation, report)} ${classTable(evaluation, report.labels)}
  </section>`;
}

function headline({ images, errors, gate, confidence }: Evaluation): Html {
  const classifier = html`The classifier is wrong about <b>${count(errors)}</b> of ${count(images)} images
    (${percent(errors / images)}).`;
  if (gate === null) return html`<p class="lead">${classifier}</p>`;
  const { automatic, coverage } = gate;
  return html`<p class="lead">
    ${classifier} The gate labels <b>${percent(coverage)}</b> by itself and sends the others to people. Of its
    ${count(automatic.labels)} automatic labels <b>${count(automatic.errors)}</b> are wrong:
    <b>${automatic.risk === null ? '–' : percent(automatic.risk)}</b>, ${whole(confidence)} interval
    ${interval(automatic.interval, percent)}.
  </p>`;
}

function gallerySection({ title, pictures }: Gallery, labels: readonly string[]): Html | null {
  if (pictures.length === 0) return null;
  return html`<section>
    <h2>${title}</h2>
    <p>
      Each image beside its sensitivity map: bright pixels are those whose change would change the answer
      most.
    </p>
    <ul class="gallery">
      ${pictures.map(
        ({ where, label, predicted, confidence, sensitivity, image, map }) =>
          html`<li>
            <div class="pair">
              <img src="${image}" alt="${labels[label] ?? ''}" />${
                map === null
                  ? html`<span class="missing">no map</span>`
                  : html`<img src="${map}" alt="its sensitivity map" />`
              }
            </div>
            <p>
              <b>${labels[predicted] ?? predicted}</b> ${percent(confidence)}${
                label === predicted
                  ? ', right'
                  : html`; in truth <b class="truth">${labels[label] ?? label}</b>`
              }<br /><small>sensitivity ${short(sensitivity)}</small><small class="where">${where}</small>
            </p>
          </li>`,
      )}
    </ul>
  </section>`;
}

const PROBLEMS_SHOWN = 100;

function problemSection(problems: Report['problems']): Html | null {
  if (problems.length === 0) return null;
  return html`<section>
    <h2>What was left out</h2>
    <p>
      ${count(problems.length)} images or labels could not be used.
      ${problems.length > PROBLEMS_SHOWN ? `The first ${PROBLEMS_SHOWN}:` : null}
    </p>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th>where</th>
            <th>why</th>
            <th>what</th>
          </tr>
        </thead>
        <tbody>
          ${problems.slice(0, PROBLEMS_SHOWN).map(
            ({ where, kind, detail }) =>
              html`<tr>
                <th>${where}</th>
                <td class="text">${kind.replaceAll('_', ' ')}</td>
                <td class="text">${detail}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
