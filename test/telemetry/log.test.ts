import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLog } from '../../src/telemetry/log.ts';

describe('createLog', () => {
  it('writes JSON lines with a level and a time that people can read', () => {
    const lines: string[] = [];
    createLog('info', { write: (line) => lines.push(line) }).warn({ items: 3 }, 'the queue is long');
    const { time, ...line } = JSON.parse(lines[0]!) as Record<string, unknown>;
    assert.deepEqual(line, { level: 'warn', items: 3, msg: 'the queue is long' });
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('writes nothing below its level', () => {
    const lines: string[] = [];
    const log = createLog('warn', { write: (line) => lines.push(line) });
    log.info('not of interest');
    assert.deepEqual(lines, []);
  });
});
