import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IDLE_AFTER_MS, RENEW_EVERY_MS, step, WANTED } from '../../../src/web/session/step.ts';
import { backoffMs } from '../../../src/web/session/refusals.ts';
import { newSession } from '../../../src/web/session/state.ts';
import { item, Reviewer } from './reviewer.ts';

const does = (effects: readonly { readonly do: string }[]): string[] => effects.map((effect) => effect.do);

describe('a sitting', () => {
  it('claims ahead when it starts, and shows the first of what comes', () => {
    const reviewer = new Reviewer();
    assert.deepEqual(reviewer.on({ on: 'start' }), [{ do: 'claim', limit: WANTED }]);
    reviewer.on({ on: 'claimed', items: [item('A'), item('B')], limit: WANTED });
    assert.deepEqual(reviewer.held, ['A', 'B']);
  });

  it('shows the next item at once, before the answer is sent', () => {
    const reviewer = new Reviewer().start('A', 'B', 'C', 'D');
    const effects = reviewer.label('Coat');
    assert.deepEqual(reviewer.held, ['B', 'C', 'D']);
    assert.deepEqual(does(effects), ['send', 'claim']);
  });

  it('sends answers one at a time, in order', () => {
    const reviewer = new Reviewer().start('A', 'B', 'C', 'D');
    reviewer.label('Coat');
    assert.deepEqual(does(reviewer.label('Dress')), []);
    assert.deepEqual(reviewer.waiting, ['A: Coat', 'B: Dress']);
    const [next] = reviewer.on({ on: 'sent' });
    assert.ok(next?.do === 'send' && next.answer.item.id === 'B');
  });

  it('does not submit what is not chosen', () => {
    const reviewer = new Reviewer().start('A');
    assert.deepEqual(does(reviewer.on({ on: 'submit' })), []);
    assert.deepEqual(reviewer.held, ['A']);
    assert.equal(reviewer.session.notice?.text, 'Choose a label first.');
  });

  it('asks again after a while where nothing waited', () => {
    const reviewer = new Reviewer().start();
    assert.deepEqual(does(reviewer.wait(1_999)), []);
    assert.deepEqual(does(reviewer.wait(1)), ['claim']);
  });

  it('is the same after a tick that changes nothing, so that nothing is drawn again', () => {
    const reviewer = new Reviewer().start('A', 'B', 'C', 'D');
    const before = reviewer.session;
    reviewer.wait(500);
    assert.equal(reviewer.session, before);
  });

  it('renews what it holds while it is open', () => {
    const reviewer = new Reviewer().start('A', 'B');
    reviewer.on({ on: 'claimed', items: [], limit: 2 });
    const renewed = reviewer.wait(RENEW_EVERY_MS).filter((effect) => effect.do === 'renew');
    assert.deepEqual(
      renewed.map(({ item: { id } }) => id),
      ['A', 'B'],
    );
    assert.deepEqual(does(reviewer.wait(1)), []);
  });

  it('gives everything back when nobody is there, and claims again when somebody is', () => {
    const reviewer = new Reviewer().start('A', 'B');
    reviewer.on({ on: 'choose', label: 'Coat' });
    assert.deepEqual(does(reviewer.wait(IDLE_AFTER_MS)), ['release', 'release']);
    assert.deepEqual(reviewer.held, []);
    assert.equal(reviewer.session.phase, 'idle');
    reviewer.on({ on: 'claimed', items: [], limit: 2 });
    reviewer.nowMs += 60_000;
    assert.deepEqual(does(reviewer.on({ on: 'activity' })), ['claim']);
    reviewer.on({ on: 'claimed', items: [item('A', 2)], limit: 4 });
    assert.equal(reviewer.session.held[0]?.draft.label, 'Coat');
  });

  it('gives back what a claim brings after the reviewer left', () => {
    const reviewer = new Reviewer();
    reviewer.on({ on: 'start' });
    reviewer.on({ on: 'leave' });
    assert.deepEqual(does(reviewer.on({ on: 'claimed', items: [item('A')], limit: 4 })), ['release']);
    assert.deepEqual(reviewer.held, []);
  });
});

describe('undo', () => {
  it('takes an answer back at once that is not sent yet', () => {
    const reviewer = new Reviewer().start('A', 'B', 'C', 'D');
    reviewer.label('Coat');
    reviewer.label('Dress');
    assert.deepEqual(does(reviewer.on({ on: 'undo' })), []);
    assert.deepEqual(reviewer.waiting, ['A: Coat']);
    assert.equal(reviewer.held[0], 'B');
    assert.equal(reviewer.session.held[0]?.draft.label, 'Dress');
  });

  it('waits for an answer that is being sent, and then takes it back', () => {
    const reviewer = new Reviewer().start('A', 'B');
    reviewer.label('Coat');
    assert.deepEqual(does(reviewer.on({ on: 'undo' })), []);
    assert.equal(reviewer.on({ on: 'sent' })[0]?.do, 'undo');
    reviewer.on({ on: 'undone', item: item('A', 2) });
    assert.deepEqual(reviewer.held, ['A', 'B']);
    assert.equal(reviewer.session.held[0]?.item.lease, 'A-2');
    assert.equal(reviewer.session.notice?.text, 'Taken back: “Coat”.');
  });

  it('goes back through one answer after the other', () => {
    const reviewer = new Reviewer().start('A', 'B', 'C');
    for (const label of ['Coat', 'Dress']) {
      reviewer.label(label);
      reviewer.on({ on: 'sent' });
    }
    reviewer.on({ on: 'undo' });
    reviewer.on({ on: 'undone', item: item('B', 2) });
    reviewer.on({ on: 'undo' });
    assert.deepEqual(reviewer.last, { do: 'undo', id: 'A' });
  });

  it('leaves skips out', () => {
    const reviewer = new Reviewer().start('A', 'B', 'C');
    reviewer.label('Coat');
    reviewer.on({ on: 'sent' });
    reviewer.on({ on: 'skip' });
    reviewer.on({ on: 'sent' });
    reviewer.on({ on: 'undo' });
    assert.deepEqual(reviewer.last, { do: 'undo', id: 'A' });
  });

  it('says why it was refused, and does not offer that answer again', () => {
    const reviewer = new Reviewer().start('A', 'B');
    reviewer.label('Coat');
    reviewer.on({ on: 'sent' });
    const [effect] = reviewer.on({ on: 'undo' });
    reviewer.on({ on: 'refused', effect: effect!, code: 'label_exported', detail: 'The label is exported.' });
    assert.match(reviewer.session.notice!.text, /could not be taken back\. The label is exported\./);
    reviewer.on({ on: 'undo' });
    assert.equal(reviewer.session.notice!.text, 'There is nothing to take back.');
  });
});

describe('a lost lease', () => {
  it('of the item on screen is said, with the choice that was not sent, and the next item shows', () => {
    const reviewer = new Reviewer().start('A', 'B');
    reviewer.on({ on: 'choose', label: 'Coat' });
    const effect = { do: 'renew', item: item('A') } as const;
    reviewer.on({ on: 'refused', effect, code: 'lease_lost', detail: '' });
    assert.deepEqual(reviewer.held, ['B']);
    assert.match(reviewer.session.notice!.text, /went to somebody else.*“Coat”, was not sent/);
  });

  it('of all items at once is said of the one that was looked at', () => {
    const reviewer = new Reviewer().start('A', 'B');
    reviewer.on({ on: 'choose', label: 'Coat' });
    for (const id of ['A', 'B'])
      reviewer.on({ on: 'refused', effect: { do: 'renew', item: item(id) }, code: 'lease_lost', detail: '' });
    assert.deepEqual(reviewer.held, []);
    assert.match(reviewer.session.notice!.text, /“Coat”, was not sent/);
  });

  it('of an item ahead is nobody’s concern', () => {
    const reviewer = new Reviewer().start('A', 'B');
    const effect = { do: 'renew', item: item('B') } as const;
    reviewer.on({ on: 'refused', effect, code: 'lease_lost', detail: '' });
    assert.deepEqual(reviewer.held, ['A']);
    assert.equal(reviewer.session.notice, null);
  });

  it('of an answer is said until the reviewer closes it, and the next answer is sent', () => {
    const reviewer = new Reviewer().start('A', 'B', 'C');
    reviewer.label('Coat');
    const effect = reviewer.asked.find((asked) => asked.do === 'send')!;
    reviewer.label('Dress');
    const next = reviewer.on({ on: 'refused', effect, code: 'lease_lost', detail: '' });
    assert.deepEqual(does(next), ['send']);
    assert.deepEqual(reviewer.waiting, ['B: Dress']);
    reviewer.wait(3_600_000);
    assert.match(reviewer.session.notice!.text, /“Coat” was not recorded/);
    reviewer.on({ on: 'close_notice' });
    assert.equal(reviewer.session.notice, null);
  });

  it('of a skip is what the skip wanted', () => {
    const reviewer = new Reviewer().start('A', 'B');
    const [effect] = reviewer.on({ on: 'skip' });
    reviewer.on({ on: 'refused', effect: effect!, code: 'lease_lost', detail: '' });
    assert.equal(reviewer.session.notice, null);
    assert.deepEqual(reviewer.waiting, []);
  });

  it('is mended where the same item is claimed again', () => {
    const reviewer = new Reviewer().start('A', 'B');
    reviewer.label('Coat');
    reviewer.on({ on: 'claimed', items: [item('A', 2), item('B', 2)], limit: 3 });
    assert.deepEqual(reviewer.held, ['B']);
    assert.equal(reviewer.session.held[0]?.item.lease, 'B-2');
    assert.equal(reviewer.session.outbox[0]?.item.lease, 'A-2');
  });
});

describe('while the service is away', () => {
  it('work goes on, and answers are kept and sent again with the same lease', () => {
    const reviewer = new Reviewer().start('A', 'B', 'C', 'D');
    const [effect] = reviewer.label('Coat');
    reviewer.on({ on: 'failed', effect: effect! });
    assert.deepEqual(does(reviewer.label('Dress')), []);
    assert.deepEqual(reviewer.held, ['C', 'D']);
    const again = reviewer.wait(backoffMs(1)).filter((asked) => asked.do === 'send');
    assert.deepEqual(again, [effect]);
  });

  it('each attempt comes later than the one before, to ten seconds', () => {
    assert.deepEqual([1, 2, 3, 4, 5, 9].map(backoffMs), [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it('requests that fail together are one failure', () => {
    const reviewer = new Reviewer().start('A', 'B', 'C', 'D');
    for (const effect of reviewer.label('Coat')) reviewer.on({ on: 'failed', effect });
    assert.equal(reviewer.session.failures, 1);
  });

  it('says so when it is back', () => {
    const reviewer = new Reviewer().start('A', 'B', 'C', 'D');
    const [effect] = reviewer.label('Coat');
    reviewer.on({ on: 'failed', effect: effect! });
    reviewer.wait(backoffMs(1));
    reviewer.on({ on: 'sent' });
    assert.equal(reviewer.session.failures, 0);
    assert.equal(reviewer.session.notice?.text, 'The service is back.');
    assert.deepEqual(reviewer.waiting, []);
  });

  it('a renewal that failed is repeated with the next attempt', () => {
    const reviewer = new Reviewer().start('A');
    const renewal = reviewer.wait(RENEW_EVERY_MS).find((effect) => effect.do === 'renew')!;
    reviewer.on({ on: 'failed', effect: renewal });
    assert.ok(does(reviewer.wait(backoffMs(1))).includes('renew'));
  });

  it('an undo that failed is repeated', () => {
    const reviewer = new Reviewer().start('A', 'B');
    reviewer.label('Coat');
    reviewer.on({ on: 'sent' });
    const undo = reviewer.on({ on: 'undo' }).find((effect) => effect.do === 'undo')!;
    reviewer.on({ on: 'failed', effect: undo });
    assert.ok(does(reviewer.wait(backoffMs(1))).includes('undo'));
  });
});

describe('a key that is no longer taken', () => {
  it('stops all requests and loses nothing, and everything goes on after the sign-in', () => {
    const reviewer = new Reviewer().start('A', 'B');
    reviewer.label('Coat');
    assert.deepEqual(does(reviewer.on({ on: 'signed_out' })), []);
    assert.deepEqual(does(reviewer.wait(60_000)), []);
    const effects = reviewer.on({ on: 'start' });
    assert.ok(does(effects).includes('send'));
    assert.deepEqual(reviewer.held, ['B']);
  });
});

describe('a reload', () => {
  it('sends what the page before could not', () => {
    const answer = { kind: 'label', item: item('A'), label: 'Coat', note: '' } as const;
    const { effects } = step(newSession(0, [answer]), { on: 'start' }, 0);
    assert.deepEqual(does(effects), ['send', 'claim']);
  });
});
