import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { canonicalJson } from '../model/digest.ts';
import { JsonFileError, parseJsonFile } from '../model/json-file.ts';
import { type Gate, gateSchema } from './gate.ts';
import { GateError } from './gate-error.ts';

/** A gate file has some kilobytes. What has more is another file, and is read every few seconds. */
const LARGEST_BYTES = 1024 * 1024;

/**
 * Reads the gate in the file at `path`, if it was made for the model with this digest.
 *
 * @throws GateError
 */
export async function readGate(path: string, modelDigest: string): Promise<Gate> {
  return parseGate(await readGateText(path), path, modelDigest);
}

/**
 * Reads the file at `path`, whatever it holds.
 *
 * @throws GateError `missing_gate` where it cannot be read, `bad_gate` where it is too large to be one
 */
export async function readGateText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST_BYTES) {
      throw new GateError(
        'bad_gate',
        `expected a gate of at most ${LARGEST_BYTES} bytes at ${path}, got ${size}`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof GateError) throw error;
    throw new GateError('missing_gate', `expected a gate at ${path}: ${(error as Error).message}`);
  }
}

/** @throws GateError */
export function parseGate(text: string, path: string, modelDigest: string): Gate {
  let json: unknown;
  try {
    json = parseJsonFile(text);
  } catch (error) {
    if (!(error instanceof JsonFileError)) throw error;
    throw new GateError('bad_gate', `${path} ${error.message}`);
  }
  const parsed = gateSchema.safeParse(json);
  if (!parsed.success) throw new GateError('bad_gate', `${path}: ${z.prettifyError(parsed.error)}`);
  const file = parsed.data;
  if (file.model.digest !== modelDigest) {
    throw new GateError(
      'gate_for_another_model',
      `${path} was calibrated for ${file.model.name} ${file.model.digest}, ` +
        `but the model served is ${modelDigest}: calibrate again for this model`,
    );
  }
  // Of the file as it is written, so that a gate of an earlier release keeps its id.
  const id = createHash('sha256').update(canonicalJson(json)).digest('hex').slice(0, 16);
  return { ...file, id };
}
