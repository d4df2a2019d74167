import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createProgress, progressLine } from '../../src/command-line/progress.ts';

function terminal(isTTY: boolean, columns = 120) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) };
}

describe('progressLine', () => {
  it('tells count, percent, pace and time left', () => {
    const line = progressLine('decisions', 250, 1000, 50);
    assert.ok(line.startsWith('decisions: 250/1000  25%  50 images/s  15 s left  ██████░'), line);
  });

  it('tells long times in minutes and hours', () => {
    assert.match(progressLine('x', 0, 200, 1), /3 min 20 s left/);
    assert.match(progressLine('x', 0, 7260, 1), /2 h 1 min left/);
  });

  it('says nothing of a pace that is not known', () => {
    assert.doesNotMatch(progressLine('x', 0, 10, 0), /images\/s|left/);
  });
});

describe('createProgress', () => {
  it('writes nothing where there is no terminal', () => {
    const stream = terminal(false);
    const progress = createProgress('x', stream);
    progress.report(1, 2);
    progress.end();
    assert.deepEqual(stream.written, []);
  });

  it('redraws ten times a second at the most, and at the end', () => {
    const stream = terminal(true);
    let now = 0;
    const progress = createProgress('x', stream, () => now);
    for (let done = 0; done <= 100; done++) {
      progress.report(done, 100);
      now += 2;
    }
    // At 0, 100 and 200 ms, the last of which is also the end.
    assert.equal(stream.written.length, 3);
    assert.match(stream.written.at(-1)!, /100\/100 {2}100%/);
  });

  it('takes its pace from what was done since it began, not before', () => {
    const stream = terminal(true);
    let now = 0;
    const progress = createProgress('x', stream, () => now);
    progress.report(900, 1000);
    now = 1000;
    progress.report(950, 1000);
    assert.match(stream.written.at(-1)!, /50 images\/s {2}1 s left/);
  });

  it('never fills the last column, where a terminal would break the line', () => {
    const stream = terminal(true, 30);
    createProgress('x'.repeat(50), stream).report(1, 2);
    assert.equal(stream.written[0]!.replace('\r\u001b[2K', '').length, 29);
  });
});
