import type { Api } from '../api/api.ts';
import { count } from '../format.ts';
import type { DayStatistics } from '../../wire/days.ts';
import { dayName, useDays } from './use-days.ts';

const DAYS = 14;
const WIDTH = 280;
const HEIGHT = 96;
const FOOT = 16;

/** Answers of everyone, day by day. */
export function AnswersChart({ api }: { readonly api: Api }) {
  const days = useDays(api, DAYS, 'day');
  return (
    <section class="panel" aria-labelledby="chart-title">
      <h2 id="chart-title">Answers a day</h2>
      {days === null ? <p class="hint">Counting …</p> : <Bars days={days} />}
      <p class="hint">Days are those of UTC.</p>
    </section>
  );
}

const answersOf = ({ labelled, discarded }: DayStatistics): number => labelled + discarded;

function Bars({ days }: { readonly days: readonly DayStatistics[] }) {
  const most = days.reduce((largest, day) => Math.max(largest, answersOf(day)), 1);
  const slot = WIDTH / days.length;
  const sum = days.reduce((total, day) => total + answersOf(day), 0);
  const today = days.slice(-1).reduce((total, day) => total + answersOf(day), 0);
  return (
    <svg
      class="bars"
      viewBox={`0 0 ${WIDTH} ${HEIGHT + FOOT}`}
      role="img"
      aria-label={`${count(sum)} answers in ${days.length} days, ${count(today)} of them today`}
    >
      <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} class="axis" />
      <text x="0" y="10">
        {count(most)}
      </text>
      {days.map((day, i) => {
        const answers = answersOf(day);
        const height = (answers / most) * (HEIGHT - 16);
        return (
          <g key={day.from}>
            <rect
              x={i * slot + 2}
              y={HEIGHT - height}
              width={slot - 4}
              height={height}
              rx="2"
              class="range-bar"
            >
              <title>{`${dayName(day.from)}: ${count(answers)}`}</title>
            </rect>
            {(days.length - 1 - i) % 4 === 0 && (
              <text
                x={i === days.length - 1 ? WIDTH : i * slot + slot / 2}
                y={HEIGHT + 13}
                text-anchor={i === days.length - 1 ? 'end' : 'middle'}
              >
                {i === days.length - 1 ? 'today' : dayName(day.from)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}
