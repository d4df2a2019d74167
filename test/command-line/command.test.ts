import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineCommand } from '../../src/command-line/command.ts';
import { commandHelp, programHelp, usageLine } from '../../src/command-line/help.ts';
import {
  choice,
  duration,
  durationMs,
  flag,
  number,
  required,
  text,
} from '../../src/command-line/options.ts';
import { parseOptions } from '../../src/command-line/parse.ts';
import { UsageError } from '../../src/command-line/usage-error.ts';

const options = {
  to: required({ value: 'folder', description: 'where they are put' }),
  host: text({ value: 'address', description: 'to listen on', shownDefault: '127.0.0.1' }),
  size: number({
    ...{ value: 'count', description: 'how many', default: 12 },
    ...{ expected: '1 or more', accepts: (value: number) => value >= 1 },
  }),
  color: choice({ value: 'color', description: 'of it', words: ['red', 'green'], default: 'red' }),
  force: flag('does it anyway'),
};

const refusal = (args: readonly string[]): string => {
  try {
    parseOptions(options, args);
  } catch (error) {
    assert.ok(error instanceof UsageError);
    return error.message;
  }
  return 'accepted';
};

describe('the options of a command', () => {
  it('are read with their defaults', () => {
    assert.deepEqual(parseOptions(options, ['--to', 'labels']), {
      ...{ to: 'labels', host: undefined, size: 12, color: 'red', force: false },
    });
    assert.deepEqual(
      parseOptions(options, ['--force', '--size=3', '--to=a b', '--color', 'green', '--host', '::1']),
      { to: 'a b', host: '::1', size: 3, color: 'green', force: true },
    );
  });

  it('are named where they are not known, with the nearest', () => {
    assert.equal(refusal(['--colour', 'red']), 'unknown option --colour; did you mean --color?');
    assert.equal(refusal(['--fast']), 'unknown option --fast');
    assert.equal(refusal(['-x', 'y']), 'unknown option -x');
  });

  it('are not what an object happens to have', () => {
    assert.equal(refusal(['--constructor']), 'unknown option --constructor');
  });

  it('need their values, and take none that looks like another option', () => {
    assert.equal(refusal([]), 'expected --to <folder>');
    assert.equal(refusal(['--to']), 'expected a value: --to <folder>');
    assert.match(
      refusal(['--to', '--force']),
      /^expected a value: --to <folder>, got --force; .*--to=--force$/,
    );
    assert.deepEqual(parseOptions(options, ['--to=--force']).to, '--force');
    assert.equal(refusal(['--to', 'x', '--force=yes']), '--force takes no value, got yes');
  });

  it('say what they expect instead of a wrong value', () => {
    assert.equal(refusal(['--to', 'x', '--size', '1o']), 'expected --size 1 or more, got 1o');
    assert.equal(refusal(['--to', 'x', '--size', '']), 'expected --size 1 or more, got ');
    assert.equal(refusal(['--to', 'x', '--color', 'blue']), 'expected --color red or green, got blue');
  });

  it('stand alone: other arguments are refused by name', () => {
    assert.equal(refusal(['--to', 'x', 'extra']), 'expected no argument, got extra');
    assert.equal(refusal(['--to', 'x', '--', '--force']), 'expected no argument, got --force');
  });
});

describe('a time as an option', () => {
  it('is read in days, hours or minutes, and nothing else', () => {
    assert.deepEqual(['30d', '12h', '5m'].map(durationMs), [2_592_000_000, 43_200_000, 300_000]);
    for (const given of ['', '30', 'd', '-1d', '1.5d', '30 days'])
      assert.equal(durationMs(given), null, given);
    const age = { age: duration({ value: 'age', description: 'x' }) };
    assert.throws(
      () => parseOptions(age, ['--age', '3x']),
      /expected --age <age> such as 30d, 12h or 90m, got 3x/,
    );
  });
});

describe('help', () => {
  const help = {
    name: 'put',
    summary: 'puts them',
    description: [`${'word '.repeat(60)}end.`, 'Second.'],
    options,
    sections: [{ title: 'Environment', rows: [['HOST', 'the host']] as const }],
    exitCodes: [0, 2],
    example: 'tool put --to x',
  };
  const codes = { 0: 'done', 2: 'wrong arguments', 3: 'of others' };

  it('tells usage, every option with its default, the exit codes and an example', () => {
    const shown = commandHelp({ name: 'tool', exitCodes: codes }, help);
    assert.match(shown, /^tool put: puts them$/m);
    assert.match(shown, /^Usage: tool put --to <folder> \[options\]$/m);
    for (const name of Object.keys(options)) assert.match(shown, new RegExp(`^ {2}--${name} `, 'm'));
    assert.match(shown, /--size <count> +how many \(default: 12\)/);
    assert.match(shown, /^ {2}HOST +the host$/m);
    assert.match(shown, /Exit codes:\n {2}0 {2}done\n {2}2 {2}wrong arguments\n/);
    assert.doesNotMatch(shown, /of others/);
    assert.match(shown, /Example:\n {2}tool put --to x$/);
  });

  it('has no line wider than a hundred columns', () => {
    const lines = commandHelp({ name: 'tool', exitCodes: codes }, help).split('\n');
    assert.ok(lines.every(({ length }) => length <= 100));
  });

  it('names the options of which one must be given', () => {
    assert.equal(
      usageLine('tool', { ...help, alternatives: '(--a | --b)' }),
      'tool put --to <folder> (--a | --b) [options]',
    );
  });

  it('of the program has a line for every command', () => {
    const shown = programHelp({
      ...{ name: 'tool', version: '1.2.3', description: 'Does it.', example: 'tool put' },
      commands: [{ name: 'put', summary: 'puts them' }],
      exitCodes: codes,
    });
    assert.match(shown, /^tool 1\.2\.3$/m);
    assert.match(shown, /^ {2}put {2}puts them$/m);
  });
});

it('a command is run with its values, and its exit code comes back', async () => {
  const command = defineCommand({
    ...{ description: [], exitCodes: [0], example: '', options: { force: options.force } },
    run: ({ force }) => Promise.resolve(force ? 7 : 0),
  });
  assert.equal(await command.run(['--force']), 7);
  await assert.rejects(command.run(['--froce']), /did you mean --force/);
});
