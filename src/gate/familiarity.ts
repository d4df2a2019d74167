/**
 * How like calibration's images an input is, by statistics of its picture.
 *
 * Each group of statistics gives a distance from the images of its predicted class. How rare a distance is
 * follows from those of calibration's images that taught it nothing: their logarithms are taken as normal,
 * and z = (ln d² − location)/scale. The score is Σ ln²(1 + e^z) over the groups: about twice −ln p for what
 * is rare, near 0 for what is not, so that a group's evidence counts alike whatever the number of its
 * statistics (Fisher's sum over p values, 1925, continued beyond the rarest that calibration saw).
 */
import { z } from 'zod';
import { type ClassGaussian, classDistance, leadingOf } from '../numerics/familiarity/gaussian.ts';
import {
  type ImageStatistics,
  STATISTICS,
  STATISTICS_GROUPS,
  type StatisticsGroup,
} from '../numerics/familiarity/image-statistics.ts';

const BYTES = 4;

/** Many numbers in little room: float32, least byte first, in base64. */
const packed = z.base64().describe('float32, least byte first, in base64.');

const groupSchema = z.strictObject({
  group: z.enum(STATISTICS_GROUPS),
  means: packed,
  deviations: packed,
  class_means: packed,
  whitening: packed,
  precisions: packed,
  location: z.number().describe('Mean of ln d² of images that taught none of the above.'),
  scale: z.number().positive().describe('Standard deviation of the same.'),
});

type PackedGroup = z.infer<typeof groupSchema>;

/** What a gate knows of calibration's images, to tell what is like them. */
export const familiaritySchema = z
  .strictObject({
    classes: z
      .array(z.int().min(0))
      .describe('Indices of the labels whose images are described each apart; all others together.'),
    groups: z.array(groupSchema).min(1),
    reference: z
      .array(z.number())
      .min(2)
      .refine((scores) => scores.every((one, i) => i === 0 || one >= scores[i - 1]!), 'expected ascending')
      .describe('Scores of calibration images that taught nothing, at equal steps of their ranks.'),
    cut: z.number().describe('An input is unfamiliar from beyond this score on.'),
    learned_from: z.int().min(2).describe('Images of the fit split that taught the distances.'),
    held_out: z.int().min(2).describe('Other images of it, whose scores gave reference and cut.'),
    power: z
      .number()
      .min(0)
      .max(1)
      .describe('Share of pictures made unlike theirs from the same that lie beyond the cut.'),
  })
  .superRefine(({ groups, classes }, context) => {
    for (const [i, one] of groups.entries()) {
      if (groups.findIndex(({ group }) => group === one.group) < i) {
        context.addIssue({ code: 'custom', message: `expected the group ${one.group} once` });
      }
      for (const [field, length] of Object.entries(lengthsOf(one.group, classes.length + 1))) {
        const found = byteLength(one[field as PackedField]) / BYTES;
        if (found === length) continue;
        const message = `expected ${length} numbers of ${field} in ${one.group}, got ${found}`;
        context.addIssue({ code: 'custom', path: ['groups', i, field], message });
      }
    }
  });

export type Familiarity = z.infer<typeof familiaritySchema>;

type PackedField = 'means' | 'deviations' | 'class_means' | 'whitening' | 'precisions';

function lengthsOf(group: StatisticsGroup, slots: number): Readonly<Record<PackedField, number>> {
  const size = STATISTICS[group].length;
  return {
    means: size,
    deviations: size,
    class_means: slots * size,
    whitening: size * size,
    precisions: slots * leadingOf(size) ** 2,
  };
}

function byteLength(base64: string): number {
  return Buffer.byteLength(base64, 'base64');
}

/** One group's distribution as a gate file has it. */
export function packGroup(
  group: StatisticsGroup,
  gaussian: ClassGaussian,
  location: number,
  scale: number,
): PackedGroup {
  return {
    group,
    means: pack(gaussian.means),
    deviations: pack(gaussian.deviations),
    class_means: pack(gaussian.classMeans),
    whitening: pack(gaussian.whitening),
    precisions: pack(gaussian.precisions),
    location,
    scale,
  };
}

function pack(numbers: Float32Array): string {
  const bytes = Buffer.alloc(BYTES * numbers.length);
  for (const [i, one] of numbers.entries()) bytes.writeFloatLE(one, BYTES * i);
  return bytes.toString('base64');
}

function unpack(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return Float32Array.from({ length: bytes.length / BYTES }, (_, i) => bytes.readFloatLE(BYTES * i));
}

/** A gate's distributions, taken out of their packing once: a gate is read far less often than it decides. */
const unpackedOf = new WeakMap<PackedGroup, ClassGaussian>();

function unpacked(group: PackedGroup, classes: readonly number[]): ClassGaussian {
  const known = unpackedOf.get(group);
  if (known !== undefined) return known;
  const gaussian: ClassGaussian = {
    means: unpack(group.means),
    deviations: unpack(group.deviations),
    classes,
    classMeans: unpack(group.class_means),
    whitening: unpack(group.whitening),
    precisions: unpack(group.precisions),
  };
  unpackedOf.set(group, gaussian);
  return gaussian;
}

/** How familiar one input is. */
export interface Familiar {
  /** Larger is less familiar; NaN where the statistics are not those of the gate, or not numbers. */
  readonly score: number;
  /** Share of calibration's images that are at least as familiar, 0 to 1; NaN where the score is. */
  readonly quantile: number;
  /** At most three plain phrases, the strangest first, such as `brighter than usual`. */
  readonly strange: readonly string[];
}

/** Differences from the class's mean that are worth a word, in deviations. */
const STRANGE = 3;
const MOST_PHRASES = 3;

/**
 * How familiar an input is that the classifier gave this label's index. It is unfamiliar unless
 * `score <= cut`.
 */
export function familiarityOf(
  familiarity: Familiarity,
  statistics: ImageStatistics,
  predicted: number,
): Familiar {
  const { groups, classes, reference } = familiarity;
  let score = 0;
  const phrases = new Map<string, number>();
  for (const one of groups) {
    const values = statistics[one.group];
    const size = STATISTICS[one.group].length;
    if (values.length !== size) return { score: NaN, quantile: NaN, strange: [] };
    const { squared, differences } = classDistance(unpacked(one, classes), values, predicted);
    score += evidence(squared, one);
    for (const [i, { more, less }] of STATISTICS[one.group].entries()) {
      const difference = differences[i]!;
      const far = Math.abs(difference);
      const phrase = `${difference > 0 ? more : less} than usual`;
      if (far >= STRANGE && far > (phrases.get(phrase) ?? 0)) phrases.set(phrase, far);
    }
  }
  const strange = [...phrases].sort(([, a], [, b]) => b - a).slice(0, MOST_PHRASES);
  return { score, quantile: quantileIn(reference, score), strange: strange.map(([phrase]) => phrase) };
}

/** How rare a group's squared distance is: ln²(1 + e^z). */
function evidence(squared: number, { location, scale }: PackedGroup): number {
  const rarity = (Math.log(squared) - location) / scale;
  // ln(1 + e^z) without overflow; −∞, of no distance at all, is no evidence.
  const softened = Math.max(0, rarity) + Math.log1p(Math.exp(-Math.abs(rarity)));
  return softened * softened;
}

/** The share of the reference below the score, between its points by a straight line. */
function quantileIn(reference: readonly number[], score: number): number {
  if (Number.isNaN(score)) return NaN;
  const last = reference.length - 1;
  let above = reference.findIndex((one) => one >= score);
  if (above < 0) return 1;
  if (above === 0) return 0;
  const from = reference[above - 1]!;
  above += (score - reference[above]!) / (reference[above]! - from);
  return above / last;
}
