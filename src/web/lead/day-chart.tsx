import { useEffect, useState } from 'preact/hooks';
import type { Api } from '../api.ts';
import { count, midnight } from '../format.ts';

const DAYS = 14;
const WIDTH = 280;
const HEIGHT = 96;
const FOOT = 16;

interface Day {
  readonly date: Date;
  readonly answers: number;
}

/** Answers of everyone, day by day. */
export function DayChart({ api }: { readonly api: Api }) {
  const [days, setDays] = useState<readonly Day[] | null>(null);
  useEffect(() => {
    let gone = false;
    void answersByDay(api).then(
      (found) => {
        if (!gone) setDays(found);
      },
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, []);
  return (
    <section class="panel" aria-labelledby="chart-title">
      <h2 id="chart-title">Answers a day</h2>
      {days === null ? <p class="hint">Counting …</p> : <Bars days={days} />}
    </section>
  );
}

function Bars({ days }: { readonly days: readonly Day[] }) {
  const most = Math.max(1, ...days.map(({ answers }) => answers));
  const slot = WIDTH / days.length;
  const sum = days.reduce((total, { answers }) => total + answers, 0);
  const today = days.at(-1)?.answers ?? 0;
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
      {days.map(({ date, answers }, i) => {
        const height = (answers / most) * (HEIGHT - 16);
        return (
          <g key={date.getTime()}>
            <rect
              x={i * slot + 2}
              y={HEIGHT - height}
              width={slot - 4}
              height={height}
              rx="2"
              class="range-bar"
            >
              <title>{`${dayName(date)}: ${count(answers)}`}</title>
            </rect>
            {(days.length - 1 - i) % 4 === 0 && (
              <text
                x={i === days.length - 1 ? WIDTH : i * slot + slot / 2}
                y={HEIGHT + 13}
                text-anchor={i === days.length - 1 ? 'end' : 'middle'}
              >
                {i === days.length - 1 ? 'today' : dayName(date)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

function dayName(date: Date): string {
  return date.toLocaleDateString('en', { day: 'numeric', month: 'short' });
}

/** The service counts from a time on, so a day's answers are the difference of two counts. */
async function answersByDay(api: Api): Promise<readonly Day[]> {
  const now = new Date();
  const dates = Array.from({ length: DAYS }, (_, i) => midnight(now, DAYS - 1 - i));
  const since = await Promise.all(
    dates.map(async (date) => {
      const { labelled, discarded } = (await api.statistics(date)).everyone;
      return labelled + discarded;
    }),
  );
  return dates.map((date, i) => ({ date, answers: Math.max(0, since[i]! - (since[i + 1] ?? 0)) }));
}
