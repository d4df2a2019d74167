/**
 * Runs benchmarks one after the other, each in a process of its own: `node bench/run.ts [--short] [name …]`.
 *
 * Without a name it runs those of this folder. A name may also be one of research/. The short form without a
 * name runs both folders: it judges no time, and shows that every program still runs and passes its own
 * checks.
 *
 * Exit code 0 if all pass, 1 if one fails its own checks, 2 for a name that is none.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Figures that the documents give to users, and promises that they make. */
const BENCHMARKS = [
  'gate-cost',
  'alarm',
  'stream-shift',
  'growth',
  'exact',
  'http',
  'memory',
  'promise',
  'ood',
  'audit-proof',
  'calibration',
  'review',
  'review-depth',
  'storage',
  'pgbouncer',
];

/** Questions that are settled. They need no argument; `research/README.md` names those that do. */
const QUESTIONS = [
  'stopping',
  'processes',
  'directions',
  'batch-rows',
  'ceilings',
  'kinks',
  'steps',
  'threshold-sequence',
  'floor',
  'audit-coverage',
  'damaged-images',
];

const given = process.argv.slice(2);
const flags = given.filter((argument) => argument.startsWith('--'));
const named = given.filter((argument) => !argument.startsWith('--'));
const everything = [...BENCHMARKS, ...QUESTIONS];
const unknown = named.filter((name) => !everything.includes(name));
if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(', ')}; there are ${everything.join(', ')}`);
  process.exit(2);
}

const whole = flags.includes('--short') ? everything : BENCHMARKS;
for (const name of named.length > 0 ? named : whole) {
  console.log(`\n# ${name}`);
  const folder = QUESTIONS.includes(name) ? '../research' : '.';
  const program = fileURLToPath(new URL(`${folder}/${name}.ts`, import.meta.url));
  const { status } = spawnSync(process.execPath, [program, ...flags], { stdio: 'inherit' });
  if (status !== 0) {
    console.log(`${name} failed`);
    process.exitCode = 1;
  }
}
