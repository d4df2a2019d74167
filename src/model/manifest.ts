import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { ImageShape } from '../numerics/jacobian/image-shape.ts';
import { JsonFileError, parseJsonFile } from './json-file.ts';
import { ModelError } from './model-error.ts';

const perChannel = z.array(z.number()).min(1).max(3);

const resize = z.discriminatedUnion('rule', [
  z.strictObject({
    rule: z.literal('stretch').describe('To the input size, whatever the proportions.'),
    kernel: z.enum(['nearest', 'linear', 'cubic', 'lanczos3']).default('linear'),
  }),
  z.strictObject({
    rule: z
      .literal('short_side')
      .describe('The shorter side to `length`, then the centre of the input size.'),
    length: z.int().positive(),
    kernel: z.enum(['nearest', 'linear', 'cubic', 'lanczos3']).default('linear'),
  }),
  z.strictObject({
    rule: z
      .literal('contain')
      .describe('The whole image inside the input size, the rest filled with `background`.'),
    kernel: z.enum(['nearest', 'linear', 'cubic', 'lanczos3']).default('linear'),
  }),
]);

/** In characters as UTF-16 counts them: a line of the export holds it whole. */
const LONGEST_LABEL = 1000;

const manifestSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]*$/, 'expected lower-case letters, digits, dot, dash, underscore'),
  version: z.string().min(1),
  description: z.string().optional(),
  labels: z.array(z.string().min(1).max(LONGEST_LABEL)).min(2),
  input: z.strictObject({
    name: z.string().min(1),
    shape: z
      .tuple([
        z.union([z.literal('n'), z.int().positive()]),
        z.int().positive(),
        z.int().positive(),
        z.int().positive(),
      ])
      .describe('As the graph declares it; "n" where the batch is free.'),
    layout: z.enum(['NCHW', 'NHWC']),
    channels: z.enum(['gray', 'rgb', 'bgr']),
    resize: resize.default({ rule: 'stretch', kernel: 'linear' }),
    background: z
      .int()
      .min(0)
      .max(255)
      .default(0)
      .describe('Behind transparent pixels and around a contained image.'),
    scale: z
      .number()
      .positive()
      .describe('Factor on the 8-bit value, before mean and std: (x·scale − mean)/std.'),
    mean: perChannel.describe('In the order of the channels that the graph takes.'),
    std: z.array(z.number().positive()).min(1).max(3),
  }),
  output: z.strictObject({ name: z.string().min(1), values: z.enum(['logits', 'probabilities']) }),
  mirror_keeps_label: z.boolean().default(false).describe('Whether a mirrored image has the same label.'),
  licence: z.string().min(1),
  provenance: z.string().min(1),
  accuracy: z
    .strictObject({
      value: z.number().min(0).max(1),
      images: z.int().positive(),
      split: z.string(),
      command: z.string(),
    })
    .optional(),
});

/** model.json: how images become the graph's input and what its output means. */
export type Manifest = z.infer<typeof manifestSchema>;

/**
 * The manifest in the file at `path`.
 *
 * @throws ModelError `missing_file` or `bad_manifest`, naming every field that is wrong.
 */
export async function readManifest(path: string): Promise<Manifest> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new ModelError('missing_file', `expected a manifest at ${path}: ${(error as Error).message}`);
  }
  let json: unknown;
  try {
    json = parseJsonFile(bytes);
  } catch (error) {
    if (!(error instanceof JsonFileError)) throw error;
    throw new ModelError('bad_manifest', `${path} ${error.message}`);
  }
  return parseManifest(json, path);
}

/** @throws ModelError `bad_manifest` */
function parseManifest(json: unknown, path: string): Manifest {
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) throw new ModelError('bad_manifest', `${path}: ${z.prettifyError(parsed.error)}`);
  const manifest = parsed.data;
  const { channels } = imageShape(manifest);
  const expected = manifest.input.channels === 'gray' ? 1 : 3;
  const problems: string[] = [];
  if (channels !== expected) {
    problems.push(
      `input.shape ${JSON.stringify(manifest.input.shape)} in ${manifest.input.layout} has ${channels} ` +
        `channels, but ${manifest.input.channels} has ${expected}`,
    );
  }
  for (const field of ['mean', 'std'] as const) {
    const { length } = manifest.input[field];
    if (length !== expected) problems.push(`input.${field} has ${length} numbers, expected ${expected}`);
  }
  if (new Set(manifest.labels).size !== manifest.labels.length) problems.push('labels are not all different');
  const { resize: rule } = manifest.input;
  const { height, width } = imageShape(manifest);
  if (rule.rule === 'short_side' && rule.length < Math.max(height, width)) {
    problems.push(`input.resize.length is ${rule.length}, expected at least ${Math.max(height, width)}`);
  }
  if (problems.length > 0) throw new ModelError('bad_manifest', `${path}: ${problems.join('; ')}`);
  return manifest;
}

/** Height, width, channels and layout of one input. */
export function imageShape(manifest: Manifest): ImageShape {
  const [, a, b, c] = manifest.input.shape;
  return manifest.input.layout === 'NCHW'
    ? { layout: 'NCHW', channels: a, height: b, width: c }
    : { layout: 'NHWC', height: a, width: b, channels: c };
}
