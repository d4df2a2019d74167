/**
 * Runs benchmarks one after the other, each in a process of its own: `node bench/run.ts [--short] [name …]`.
 *
 * Exit code 1 where one of them fails its own checks.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ALL = [
  'gate-cost',
  'stopping',
  'growth',
  'exact',
  'processes',
  'http',
  'memory',
  'directions',
  'batch-rows',
  'ceilings',
  'kinks',
  'steps',
  'threshold-sequence',
  'promise',
  'calibration',
  'floor',
  'audit-coverage',
  'review',
  'review-depth',
  'storage',
];

const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
for (const name of names.length > 0 ? names : ALL) {
  console.log(`\n# ${name}`);
  const { status } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL(`./${name}.ts`, import.meta.url)), ...flags],
    {
      stdio: 'inherit',
    },
  );
  if (status !== 0) {
    console.log(`${name} failed`);
    process.exitCode = 1;
  }
}
