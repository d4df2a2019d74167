import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DaysStatistics } from '../../../src/wire/days.ts';
import type { ClaimedItem } from '../../../src/wire/review-items.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { bodyOf, startService } from './service.ts';

const stable = await grayPng(0);
const unclear = await grayPng(128);

describe('GET /v1/statistics/days', () => {
  it('tells the decisions, answers and audits of each day in UTC', async (t) => {
    const { post, postJson, putJson, get, clock, settleAudits } = await startService(t, { auditRate: 1 });
    await post('/v1/predictions', stable, 'image/png');
    await post('/v1/predictions', unclear, 'image/png');
    await settleAudits();
    // Noon was the start: the next day has begun.
    clock.ms += 13 * 3600 * 1000;
    await post('/v1/predictions', unclear, 'image/png');
    const items = await bodyOf<ClaimedItem[]>(await postJson('/v1/reviews/claim', { limit: 3 }));
    for (const { href, lease } of items) await putJson(`${href}/label`, { label: 'light', lease });
    // Of the audit the machine says otherwise, which takes a second person.
    const settled = await Promise.all(
      items.map(({ href }) => postJson(`${href}/settle`, { label: 'light' })),
    );
    assert.deepEqual(settled.map(({ status }) => status).sort(), [204, 409, 409]);
    const { time_zone, spans } = await bodyOf<DaysStatistics>(await get('/v1/statistics/days?days=2'));
    assert.equal(time_zone, 'UTC');
    assert.deepEqual(
      spans.map(({ audit: _audit, ...span }) => span),
      [
        {
          from: '2026-01-01T00:00:00.000Z',
          until: '2026-01-02T00:00:00.000Z',
          ...{ labelled: 0, discarded: 0, flagged: 1, automatic: 1, audited: 1, wrong: 1 },
        },
        {
          from: '2026-01-02T00:00:00.000Z',
          until: '2026-01-03T00:00:00.000Z',
          ...{ labelled: 4, discarded: 0, flagged: 1, automatic: 0, audited: 0, wrong: 0 },
        },
      ],
    );
    assert.equal(spans[0]!.audit.estimate, 1);
    assert.equal(spans[1]!.audit.estimate, null);
    const weeks = await bodyOf<DaysStatistics>(await get('/v1/statistics/days?days=28&per=week'));
    assert.deepEqual(
      weeks.spans.map(({ labelled }) => labelled),
      [0, 0, 0, 4],
    );
  });

  it('is for admins, and has a limit', async (t) => {
    const { get } = await startService(t, { access: keysOf(['review'], ['admin']) });
    await expectProblem(await get('/v1/statistics/days', 'key-of-review'), 'forbidden', 403);
    await expectProblem(await get('/v1/statistics/days?days=1000', 'key-of-admin'), 'invalid_request', 400);
    const { spans } = await bodyOf<DaysStatistics>(await get('/v1/statistics/days', 'key-of-admin'));
    assert.equal(spans.length, 30);
  });
});
