import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Shift, shiftPixels } from '../src/dataset/shifts.ts';
import type { Engine } from '../src/engine/engine.ts';
import type { Estimate } from '../src/engine/job.ts';
import { readIdxImages } from '../src/model/idx.ts';
import type { Model } from '../src/model/load.ts';
import { type Procedure, hashPixels, measureInput } from '../src/prediction/measure-input.ts';
import { check, eachOpen, quantile, root } from './harness.ts';

const OPEN = 128;
const DEADLINE_MS = 600_000;

/** A test image, as it is or shifted, with its exact sensitivity. */
export interface Case {
  readonly shift: Shift | null;
  readonly pixels: Uint8Array;
  readonly hash: string;
  readonly exact: number;
}

/**
 * The cases of `bench/oracle-fashion-mnist.json`, some of whose exact values are measured again to see that
 * they hold.
 */
export async function readCases(engine: Engine, model: Model, recheck: number): Promise<Case[]> {
  const images = await readIdxImages(join(model.folder, 'test-split/t10k-images-idx3-ubyte.gz'));
  const path = join(root, `bench/oracle-${model.manifest.name}.json`);
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Error(
      `expected exact values in ${path}: make them with node bench/oracle.ts ${model.folder} <test images>`,
    );
  });
  const oracle = JSON.parse(text) as {
    digest: string;
    norms: [Shift | null, number, number][];
  };
  check(
    oracle.digest === model.digest,
    'the exact values belong to this model; make them anew with bench/oracle.ts',
  );
  const cases = oracle.norms.map(([shift, index, exact]): Case => {
    const plain = images.pixels(index);
    const pixels = shift === null ? Uint8Array.from(plain) : shiftPixels(plain, model.shape, shift, index);
    return { shift, pixels, hash: hashPixels(pixels), exact };
  });
  for (let i = 0; i < recheck; i++) {
    const one = cases[(i * 197) % cases.length]!;
    const { result: again } = await engine.measure(one.pixels, { kind: 'exact' }, DEADLINE_MS);
    // Other processors add up in another order.
    check(
      Math.abs((again?.sensitivity ?? NaN) / one.exact - 1) < 1e-3,
      `exact value ${one.exact} is ${again?.sensitivity}`,
    );
  }
  return cases;
}

export async function measureCase(
  engine: Engine,
  model: Model,
  one: Case,
  procedure: Procedure,
): Promise<Estimate> {
  const { result: measured } = await measureInput(
    engine,
    one.pixels,
    one.hash,
    model.digest,
    procedure,
    DEADLINE_MS,
  );
  check(measured !== null, 'an input was not measured');
  return measured;
}

/** The threshold that lets a share `coverage` of the unshifted cases through. */
export function thresholdAt(cases: readonly Case[], coverage: number): number {
  return quantile(
    cases.filter(({ shift }) => shift === null).map(({ exact }) => exact),
    coverage,
  );
}

export interface Agreement {
  /**
   * Share of cases decided as their exact norm decides them; what the budget leaves undecided counts as
   * review.
   */
  readonly agreement: number;
  readonly agreement_clean: number;
  readonly agreement_shifted: number;
  readonly mean_probes: number;
  readonly mean_probes_shifted: number;
  readonly p99_probes: number;
  readonly without_probe: number;
  readonly mean_passes: number;
  readonly undecided: number;
  /** Shares of all cases that are `auto` against the exact decision, and the other way round. */
  readonly wrong_auto: number;
  readonly wrong_review: number;
  /** Share of intervals that do not hold the exact norm; 1 − confidence is what they may. */
  readonly outside: number;
  readonly images: number;
}

/** How often `procedure` decides as the exact norm does, and what that takes. */
export async function agreementOf(
  engine: Engine,
  model: Model,
  cases: readonly Case[],
  procedure: Procedure & { readonly threshold: number },
): Promise<Agreement> {
  const measured: Estimate[] = [];
  await eachOpen(cases.length, OPEN, async (i) => {
    measured[i] = await measureCase(engine, model, cases[i]!, procedure);
  });
  const rows = cases.map(({ shift, exact }, i) => {
    const { verdict, probes, passes, interval } = measured[i]!;
    return {
      outside: interval !== null && (exact < interval[0] || exact > interval[1]),
      clean: shift === null,
      auto: verdict === 'below',
      should: exact <= procedure.threshold,
      verdict,
      probes,
      passes,
    };
  });
  type Row = (typeof rows)[number];
  const clean = rows.filter((row) => row.clean);
  const shifted = rows.filter((row) => !row.clean);
  const share = (of: readonly Row[], holds: (row: Row) => boolean): number =>
    of.filter(holds).length / of.length;
  const agrees = (row: Row): boolean => row.auto === row.should;
  const mean = (of: readonly Row[], value: (row: Row) => number): number =>
    of.reduce((sum, row) => sum + value(row), 0) / of.length;
  return {
    agreement: share(rows, agrees),
    agreement_clean: share(clean, agrees),
    agreement_shifted: share(shifted, agrees),
    mean_probes: mean(clean, ({ probes }) => probes),
    mean_probes_shifted: mean(shifted, ({ probes }) => probes),
    p99_probes: quantile(
      clean.map(({ probes }) => probes),
      0.99,
    ),
    without_probe: share(clean, ({ probes }) => probes === 0),
    mean_passes: mean(clean, ({ passes }) => passes),
    undecided: share(rows, ({ verdict }) => verdict === 'undecided'),
    wrong_auto: share(rows, (row) => row.auto && !row.should),
    wrong_review: share(rows, (row) => !row.auto && row.should),
    outside: share(rows, (row) => row.outside),
    images: rows.length,
  };
}
