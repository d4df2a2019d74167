/**
 * Runs faults one after the other, each in a process of its own, and prints what was survived:
 * `node faults/run.ts [--long] [--seed=<number>] [name …]`.
 *
 * Exit code 1 where one of them was not.
 */
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { long, seed } from './harness.ts';
import { ROW, type Survived } from './report.ts';
import { largest } from '../src/numerics/extremes.ts';

const ALL = [
  'kill-service',
  'kill-engine',
  'stop-engine',
  'postgres',
  'postgres-network',
  'switchover',
  'pgbouncer-restart',
  'disk-full',
  'clock',
  'clock-leases',
  'gate-swap',
  'blind-audit',
  'corrupt-images',
  'http-fuzz',
  'overload',
  'slow-downloads',
  'decode-work',
  'connections',
  'backup',
  'forget-during-export',
  'slow-study',
  'soak',
];

const interrupted = new AbortController();

/** Runs one, shows what it says, and gives its rows. */
async function run(name: string): Promise<{ rows: Survived[]; failed: boolean; seconds: number }> {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL(`./${name}.ts`, import.meta.url)), `--seed=${seed}`, ...(long ? ['--long'] : [])],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const rows: Survived[] = [];
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => {
    if (line.startsWith(ROW)) rows.push(JSON.parse(line.slice(ROW.length)) as Survived);
    else console.log(line);
  });
  const forward = (): void => {
    interrupted.abort();
    child.kill('SIGTERM');
  };
  process.once('SIGTERM', forward);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  process.off('SIGTERM', forward);
  return { rows, failed: code !== 0, seconds: (performance.now() - began) / 1000 };
}

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = names.filter((name) => !ALL.includes(name));
if (unknown.length > 0) {
  console.error(`expected faults among ${ALL.join(', ')}; got ${unknown.join(', ')}`);
  process.exit(2);
}
console.log(
  `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}, ` +
    `${long ? 'long' : 'short'} form, --seed=${seed}`,
);
const table: string[][] = [];
let all = 0;
for (const name of names.length > 0 ? names : ALL) {
  if (interrupted.signal.aborted) break;
  console.log(`# ${name}`);
  const { rows, failed, seconds } = await run(name);
  for (const { fault, done, found, note } of rows) {
    const counts =
      found === null
        ? ['', '', '', '', '']
        : [
            found.acknowledged,
            found.labels,
            found.lost.length,
            found.duplicated.length,
            found.unmeasured.length,
          ].map(String);
    console.log(`survived: ${fault}, ${done}; ${note}`);
    // One program may have several rows; its time stands in the first.
    const time = table.some(([, of]) => of === name) ? '' : seconds.toFixed(0);
    table.push([fault, name, done, time, ...counts, note]);
  }
  if (failed) {
    console.log(`${name} was not survived`);
    table.push([name, name, 'NOT SURVIVED', seconds.toFixed(0), '', '', '', '', '', '']);
    process.exitCode = 1;
  }
  all += seconds;
  console.log(`  ${seconds.toFixed(0)} s`);
}

const counted = ['acknowledged', 'labels', 'lost', 'duplicated', 'unmeasured auto'];
const head = ['what happened', 'fault', 'done', 'seconds', ...counted, 'measured'];
const widths = head.map((title, i) => Math.max(title.length, largest(table.map((row) => row[i]!.length))));
const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
console.log(`\n${line(head)}\n${line(widths.map((width) => '-'.repeat(width)))}`);
for (const row of table) console.log(line(row));
console.log(`\n${Math.floor(all / 60)} min ${Math.round(all % 60)} s in all`);
