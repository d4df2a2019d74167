import { reviewScore } from '../../gate/signals/registry.ts';
import type { Evaluation } from '../evaluation/evaluate.ts';
import type { ErrorCount } from '../evaluation/gate-outcome.ts';
import { type Html, html, raw } from './html.ts';
import type { Report } from './report-content.ts';
import { signalStyle } from './signal-style.ts';
import { percent, whole, interval, count, digits, short } from './written-numbers.ts';

export function whatIfSection(
  { what_if: rows, confidence, images }: Evaluation,
  report: Report,
): Html | null {
  const { gate, seconds_per_label: pace } = report;
  if (gate === null) return null;
  const current = reviewScore(gate.signal, gate.threshold);
  return html`<h3>What if the threshold were another?</h3>
    <p>
      Each row is a gate on ${signalStyle(gate.signal).name} that labels an image by itself when its value is
      ${reviewScore(gate.signal, 1) < 0 ? 'at least' : 'at most'} the threshold. A stricter threshold sends
      more images to people and lets fewer errors through. “At most” is the upper bound of the error rate
      among automatic labels: were the threshold fixed before these images were seen, the true rate would lie
      above it with a probability of ${whole(1 - confidence)}. Whoever picks a threshold by this table picks
      luck with it, so have it certified on other images by <code>sensigate calibrate</code>. Hours are what
      people need for the reviews among these ${count(images)} images at ${pace} seconds a label.
    </p>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th>threshold</th>
            <th>to review</th>
            <th>automatic</th>
            <th>wrong among them</th>
            <th>error rate</th>
            <th>at most</th>
            <th>hours of review</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) => html`<tr${row.threshold === current ? raw(' class="current"') : null}>
<th>${short(reviewScore(gate.signal, row.threshold))}${row.threshold === current ? ' (this gate)' : ''}</th>
<td>${percent(row.review_rate)}</td><td>${count(row.accepted)}</td><td>${count(row.errors)}</td>
<td>${row.risk === null ? '–' : percent(row.risk)}</td><td>${percent(row.bound)}</td><td>${digits(row.reviewer_hours)}</td></tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

/** Classes shown at most: those of which there are images, the most often wrong first. */
const CLASSES_SHOWN = 50;

export function classTable({ gate }: Evaluation, labels: readonly string[]): Html | null {
  if (gate === null) return null;
  const present = gate.classes.filter(({ images, given }) => images > 0 || given.labels > 0);
  const shown = present
    .toSorted((a, b) => b.errors - a.errors || b.given.errors - a.given.errors)
    .slice(0, CLASSES_SHOWN);
  const ratio = (value: number | null): string => (value === null ? '–' : percent(value));
  const counted = ({ labels: n, errors, risk, interval: of }: ErrorCount): Html =>
    html`<td>
      ${count(errors)} of
      ${count(n)}${n === 0 ? null : html`<small>${ratio(risk)}, ${interval(of, percent)}</small>`}
    </td>`;
  return html`<h3>Class by class</h3>
    <p>
      “Images” are of the class in truth. “Wrong where given” are automatic labels that name the
      class.${
        shown.length < present.length
          ? ` The ${shown.length} of ${present.length} classes with the most errors; all are in the JSON.`
          : ''
      }
    </p>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th>class</th>
            <th>images</th>
            <th>wrong</th>
            <th>accuracy</th>
            <th>labelled automatically</th>
            <th>wrong among those</th>
            <th>wrong where given</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            ({ label, images, errors, accuracy, coverage, automatic, given }) =>
              html`<tr>
                <th>${labels[label] ?? label}</th>
                <td>${count(images)}</td>
                <td>${count(errors)}</td>
                <td>${ratio(accuracy)}</td>
                <td>${ratio(coverage)}</td>
                ${counted(automatic)}${counted(given)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}
