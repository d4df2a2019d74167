import { setTimeout as sleep } from 'node:timers/promises';
import { between, check } from './harness.ts';
import type { LoggingClient, Predicted } from './client-log.ts';

export interface Load {
  /** Answers so far, those that never came included. */
  readonly answers: readonly Predicted[];
  /** Labels acknowledged so far. */
  readonly labels: number;
  /** Waits for what is under way. */
  stop(): Promise<void>;
}

/**
 * Sends images one after the other on each of `open` connections, and labels what waits, until it is
 * stopped.
 */
export function startLoad(client: LoggingClient, open: number, reviewers = 1): Load {
  const answers: Predicted[] = [];
  let labels = 0;
  let stopping = false;
  const predicting = async (): Promise<void> => {
    while (!stopping) {
      const answer = await client.predict();
      answers.push(answer);
      // Nobody there, or nobody who has time.
      if (answer.status === 0 || answer.status >= 500) await sleep(between(20, 150));
    }
  };
  const reviewing = async (): Promise<void> => {
    while (!stopping) {
      const done = await client.review(5);
      labels += done;
      await sleep(done === 0 ? 50 : 10);
    }
  };
  const workers = [
    ...Array.from({ length: open }, predicting),
    ...Array.from({ length: reviewers }, reviewing),
  ];
  return {
    answers,
    get labels() {
      return labels;
    },
    stop: async () => {
      stopping = true;
      await Promise.all(workers);
    },
  };
}

/** How many answers were not acknowledged, by kind. */
export function refusals(answers: readonly Predicted[]): string {
  const kinds = Map.groupBy(
    answers.filter(({ status }) => status !== 200 && status !== 202),
    ({ status, code }) => (status === 0 ? 'unanswered' : `${status} ${code ?? ''}`),
  );
  return [...kinds].map(([kind, { length }]) => `${length} ${kind}`).join(', ') || 'none refused';
}

/** Fails on any answer that is neither acknowledged nor a documented refusal, and lets unanswered ones be. */
export function requireDocumented(answers: readonly Predicted[]): void {
  const odd = answers.filter(({ status }) => ![0, 200, 202, 503].includes(status));
  check(odd.length === 0, `answers that are no documented refusal: ${JSON.stringify(odd.slice(0, 5))}`);
}
