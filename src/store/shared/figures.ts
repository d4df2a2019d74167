import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import type { AuditLabel } from '../audit-labels.ts';
import { type AuditOutcome, type Unjudged, UNJUDGED, type UnjudgedAudits } from '../audit-outcomes.ts';
import type { DayCounts, DayRange, StreamCounts } from '../day-counts.ts';
import type { DatabaseLoad, Figures } from '../figures.ts';
import { FINDINGS } from '../opinions.ts';
import type { RecentDecision } from '../recent-decisions.ts';
import { OTHER_STREAMS } from '../stream-group.ts';
import type { Dialect, ReadRows } from './dialect.ts';
import { figureQueries } from './figure-queries.ts';

/** Figures for which each database has a way of its own. */
export interface OwnFigures<Query> {
  readonly load: () => DatabaseLoad;
  /** One row: items, labelled, discarded, disputed, claimed and oldest_ms. */
  readonly statistics: Query;
  /** A row of `dayColumns` for each day, oldest first. */
  readonly countDays: (range: DayRange) => Promise<readonly unknown[]>;
}

const statisticsRow = z.object({
  items: z.number(),
  labelled: z.number(),
  discarded: z.number(),
  disputed: z.number(),
  claimed: z.number(),
  oldest_ms: z.number().nullable(),
});
const waitingRow = z.object({ waiting: z.coerce.number(), claimed: z.number() });
const progressRow = z.object({ reviewer: z.string(), labelled: z.number(), discarded: z.number() });
const countRow = z.object({ labels: z.coerce.number() });
const decisionsRow = z.object({ decisions: z.number() });
const dayRow = z.object({
  day_ms: z.number(),
  labelled: z.number(),
  discarded: z.number(),
  flagged: z.number(),
  automatic: z.number(),
});
const streamRows = z.array(
  z.object({ stream: z.string(), decision: z.enum(['auto', 'review']), count: z.number() }),
);
/** A stored answer, which whoever wrote it reads. */
const answer = z.custom<RecentDecision['answer']>((value) => typeof value === 'object' && value !== null);

const VERDICTS = ['right', 'wrong', ...UNJUDGED] as const;

const outcomeRow = z
  .object({
    verdict: z.enum(VERDICTS),
    inclusion_probability: z.number(),
    stream: z.string(),
    count: z.number(),
  })
  .transform(({ inclusion_probability: inclusionProbability, ...row }) => ({ ...row, inclusionProbability }));
const dayOutcomeRow = z.intersection(z.object({ day_ms: z.number() }), outcomeRow);

type OutcomeRow = z.infer<typeof outcomeRow>;

const isUnjudged = (verdict: OutcomeRow['verdict']): verdict is Unjudged =>
  verdict !== 'right' && verdict !== 'wrong';

const judged = (rows: readonly OutcomeRow[]): AuditOutcome[] =>
  rows.flatMap(({ verdict, inclusionProbability, stream, count }) =>
    isUnjudged(verdict) ? [] : [{ agrees: verdict === 'right', inclusionProbability, stream, count }],
  );

const unjudged = (rows: readonly OutcomeRow[]): UnjudgedAudits[] =>
  rows.flatMap(({ verdict, inclusionProbability, stream, count }) =>
    isUnjudged(verdict) ? [{ why: verdict, inclusionProbability, stream, count }] : [],
  );

/** Counts and reads what has been decided and done. */
export function readingFigures<Query>(
  dialect: Dialect<Query>,
  rows: ReadRows<Query>,
  own: OwnFigures<Query>,
): Figures {
  const queries = figureQueries(dialect);
  const waitingForAny = queries.waitingFor(false);
  const waitingByReason = queries.waitingFor(true);
  const labelRow = z
    .object({
      /** Null of what is disputed though nobody doubts the machine. */
      verdict: z.enum(VERDICTS).nullable(),
      inclusion_probability: z.number(),
      stream: z.string().nullable(),
      id: z.string(),
      decided_ms: z.number(),
      created_ms: z.number(),
      gate_id: z.string().nullable(),
    })
    .transform((row): AuditLabel => ({
      itemId: row.id,
      decidedMs: row.decided_ms,
      answeredMs: row.created_ms,
      gateId: row.gate_id,
      stream: row.stream,
      agrees: row.verdict === null || isUnjudged(row.verdict) ? null : row.verdict === 'right',
      inclusionProbability: row.inclusion_probability,
    }));
  const recentRow = z
    .object({
      decision: z.enum(['auto', 'review']),
      predicted_label: z.string().nullable(),
      /** Null unless final. */
      label: z.string().nullable(),
      finding: z.enum(FINDINGS).nullable(),
      answer: dialect.json.pipe(answer),
    })
    .transform(
      ({ decision, predicted_label: predicted, label, finding, answer: stored }): RecentDecision => ({
        decision,
        agrees: label === null ? (finding === 'none_of_these' ? false : null) : label === predicted,
        answer: stored,
      }),
    );

  /** Each by itself, so that others have their turn between two days. */
  const dayStreams = async (
    { streams = [], ...range }: DayRange,
    day: z.infer<typeof dayRow>,
  ): Promise<StreamCounts[]> => {
    if (streams.length === 0)
      return [{ stream: OTHER_STREAMS, flagged: day.flagged, automatic: day.automatic }];
    await nextTurn();
    const values = { ...range, streams: dialect.list(streams), dayMs: day.day_ms };
    const counted = streamRows.parse(await rows(queries.dayStreams, values));
    const countOf = (decision: 'auto' | 'review', stream?: string): number =>
      counted
        .filter((row) => row.decision === decision && (stream === undefined || row.stream === stream))
        .reduce((sum, { count }) => sum + count, 0);
    const named = streams.map((stream) => ({
      ...{ stream, flagged: countOf('review', stream), automatic: countOf('auto', stream) },
    }));
    // What was recorded between the two counts is of a day that is not over.
    const others = {
      flagged: Math.max(0, day.flagged - countOf('review')),
      automatic: Math.max(0, day.automatic - countOf('auto')),
    };
    return [...named, { stream: OTHER_STREAMS, ...others }];
  };

  return {
    load: () => Promise.resolve(own.load()),
    statistics: async () => {
      const [row] = await rows(own.statistics, {});
      const { items, oldest_ms: oldestWaitingMs, ...counted } = statisticsRow.parse(row);
      const { labelled, discarded, disputed, claimed } = counted;
      const pending = items - labelled - discarded - disputed - claimed;
      return { items: { pending, ...counted }, oldestWaitingMs };
    },
    waitingFor: async ({ reviewer, withoutAudits }) => {
      const query = withoutAudits === true ? waitingByReason : waitingForAny;
      const [row] = await rows(query, { seenBy: reviewer });
      const { waiting, claimed } = waitingRow.parse(row);
      return { pending: waiting - claimed, claimed };
    },
    progress: async (sinceMs) => z.array(progressRow).parse(await rows(queries.progress, { sinceMs })),
    auditOutcomes: async ({ streams = [], ...window }) => {
      const [decisions, outcomes] = await Promise.all([
        rows(queries.autoDecisions, window),
        rows(queries.auditOutcomes, { ...window, streams: dialect.list(streams) }),
      ]);
      const found = z.array(outcomeRow).parse(outcomes);
      return {
        autoDecisions: decisionsRow.parse(decisions[0]).decisions,
        outcomes: judged(found),
        unjudged: unjudged(found),
      };
    },
    auditLabels: async ({ modelDigest, after, limit, counted = false }) => {
      const place = { modelDigest, decidedMs: after?.decidedMs ?? 0, itemId: after?.itemId ?? '' };
      // Counted first: what becomes final meanwhile lies behind the place, or is noticed the next time.
      const before = counted
        ? countRow.parse((await rows(queries.auditLabelsBefore, place))[0]).labels
        : null;
      const found = await rows(queries.auditLabels, { ...place, limit });
      return { labels: z.array(labelRow).parse(found), before };
    },
    dayCounts: async ({ streams = [], ...range }) => {
      const [days, outcomes] = await Promise.all([
        own.countDays(range),
        rows(queries.dayOutcomes, { ...range, streams: dialect.list(streams) }),
      ]);
      const byDay = Map.groupBy(z.array(dayOutcomeRow).parse(outcomes), ({ day_ms }) => day_ms);
      const counted: DayCounts[] = [];
      for (const day of z.array(dayRow).parse(days)) {
        const { day_ms: dayMs, ...counts } = day;
        const ofDay = judged(byDay.get(dayMs) ?? []);
        counted.push({
          dayMs,
          ...counts,
          streams: await dayStreams({ ...range, streams }, day),
          outcomes: ofDay,
        });
      }
      return counted;
    },
    recentDecisions: async (range) =>
      z.array(recentRow).parse(await rows(queries.recentDecisions, { ...range })),
  };
}
