import { count } from '../format.ts';
import { REVIEW_STATES } from '../api/states-and-reasons.ts';
import type { StatisticsStore } from '../api/statistics-store.ts';
import { useStore } from '../use-store.ts';

const MOST_REVIEWERS = 5;

/** How many items are in each state, and who answered how many today. */
export function QueuePanel({ statistics }: { readonly statistics: StatisticsStore }) {
  const figures = useStore(statistics);
  if (figures === null) return null;
  const reviewers = [...(figures.reviewers ?? [])]
    .map(({ reviewer, labelled, discarded }) => ({ reviewer, answers: labelled + discarded }))
    .sort((a, b) => b.answers - a.answers);
  return (
    <section class="panel" aria-labelledby="queue-title">
      <h2 id="queue-title">Queue</h2>
      <dl class="states">
        {REVIEW_STATES.map((state) => (
          <div key={state}>
            <dt>{state}</dt>
            <dd>{count(figures.items[state] ?? 0)}</dd>
          </div>
        ))}
      </dl>
      {reviewers.length > 0 && (
        <dl class="reviewers" aria-label="Answers today, by reviewer">
          {reviewers.slice(0, MOST_REVIEWERS).map(({ reviewer, answers }) => (
            <div key={reviewer}>
              <dt>{reviewer}</dt>
              <dd>{count(answers)} today</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
