/**
 * Holds a client's log against the database, by plain SQL and without any of the service's own code: what
 * was acknowledged must be there, as it was answered, once; and no automatic label without a measurement
 * that its gate admits.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { Entry } from './client-log.ts';

export interface StoredPrediction {
  readonly id: string;
  /** The item in which a person decides; null where none does. */
  readonly itemId: string | null;
  readonly inputHash: string;
  readonly modelDigest: string;
  readonly gateId: string | null;
  readonly decision: string;
  readonly answer: StoredAnswer;
}

interface StoredAnswer {
  readonly decision?: string;
  readonly label?: string | null;
  readonly reasons?: readonly string[];
  readonly sensitivity?: {
    readonly value?: unknown;
    readonly interval?: readonly unknown[] | null;
  } | null;
  readonly signals?: Readonly<Record<string, unknown>>;
  readonly familiarity?: { readonly score?: unknown };
  readonly gate?: { readonly id?: string; readonly threshold?: number } | null;
  readonly model?: { readonly digest?: string };
}

/** What a database holds. */
export interface Stored {
  readonly predictions: readonly StoredPrediction[];
  /** SHA-256 of each stored image, hex, by id. */
  readonly images: ReadonlyMap<string, string>;
  /** Of each review item its outcome and final label, and the prediction whose image it shows, by id. */
  readonly items: ReadonlyMap<
    string,
    {
      readonly outcome: string;
      readonly label: string | null;
      /** Of an audit that waits for a second person: what the first has labelled it. */
      readonly doubt: string | null;
      readonly shows: string;
    }
  >;
}

/** The gate by which automatic labels must have been decided, as its file says. */
export interface ExpectedGate {
  readonly modelDigest: string;
  readonly signal: string;
  readonly threshold: number;
  /** Largest sensitivity of an automatic label. */
  readonly limit: number;
  readonly confidenceFloor: number;
  /** Largest score of familiarity; null where nothing is asked of it. */
  readonly cut: number | null;
}

/** One gate for all, or the one that has an id; null where no such gate was ever given to the service. */
export type ExpectedGates = ExpectedGate | ((id: string | null) => ExpectedGate | null);

/** Each list holds sentences for people; all are to be empty. */
export interface Findings {
  readonly acknowledged: number;
  readonly labels: number;
  /** Acknowledged, and not there. */
  readonly lost: readonly string[];
  /** Stored more often than asked for. */
  readonly duplicated: readonly string[];
  /** Decided `auto` without a valid measurement, or by no gate of this model. */
  readonly unmeasured: readonly string[];
  /** There, but not as it was answered. */
  readonly differing: readonly string[];
  /** Stored though nobody asked, or though it was refused. */
  readonly unasked: readonly string[];
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const SQL = {
  predictions: 'SELECT id, item_id, input_hash, model_digest, gate_id, decision, answer FROM predictions',
  images: 'SELECT id, bytes FROM images',
  items: `
    SELECT id, outcome, label, prediction_id,
      (SELECT o.label FROM opinions o
       WHERE o.id = items.id AND items.outcome = 'open' AND items.inclusion_probability IS NOT NULL
       ORDER BY o.given_ms LIMIT 1) AS doubt
    FROM items`,
};

type Row = Record<string, unknown>;

const textOf = (row: Row, column: string): string => row[column] as string;

function storedFrom(predictions: Iterable<Row>, images: Iterable<Row>, items: Iterable<Row>): Stored {
  const hashes = new Map<string, string>();
  for (const row of images) hashes.set(textOf(row, 'id'), hashOf(row.bytes as Uint8Array));
  const outcomes = new Map<string, Stored['items'] extends ReadonlyMap<string, infer Item> ? Item : never>();
  for (const row of items) {
    const shows = textOf(row, 'prediction_id');
    outcomes.set(textOf(row, 'id'), {
      ...{ outcome: textOf(row, 'outcome'), label: row.label as string | null, shows },
      doubt: row.doubt as string | null,
    });
  }
  return {
    predictions: [...predictions].map((row) => ({
      id: textOf(row, 'id'),
      itemId: row.item_id as string | null,
      inputHash: textOf(row, 'input_hash'),
      modelDigest: textOf(row, 'model_digest'),
      gateId: row.gate_id as string | null,
      decision: textOf(row, 'decision'),
      answer: (typeof row.answer === 'string' ? JSON.parse(row.answer) : row.answer) as StoredAnswer,
    })),
    images: hashes,
    items: outcomes,
  };
}

/** Reads an SQLite file, which a service may have open. */
export function readSqlite(file: string): Stored {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const [check] = db.prepare('PRAGMA integrity_check').all();
    if (check?.integrity_check !== 'ok') throw new Error(`${file} is damaged: ${JSON.stringify(check)}`);
    return storedFrom(
      db.prepare(SQL.predictions).all(),
      db.prepare(SQL.images).iterate(),
      db.prepare(SQL.items).iterate(),
    );
  } finally {
    db.close();
  }
}

/** Reads a PostgreSQL database. */
export async function readPostgres(url: string): Promise<Stored> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const rows = async (sql: string): Promise<Row[]> => (await client.query<Row>(sql)).rows;
    return storedFrom(await rows(SQL.predictions), await rows(SQL.images), await rows(SQL.items));
  } finally {
    await client.end();
  }
}

/** What `gate.json` says. */
export function readExpectedGate(path: string): ExpectedGate {
  return expectedOf(JSON.parse(readFileSync(path, 'utf8')) as GateJson);
}

/** A gate file, as far as automatic labels are held against it. */
export interface GateJson {
  readonly signal: string;
  readonly threshold: number;
  readonly confidence_floor: number | null;
  readonly sensitivity_limit: number | null;
  readonly familiarity: { readonly cut: number } | null;
  readonly model: { readonly name: string; readonly digest: string };
}

/** Signals of one pass, of which a high value is the safe one. */
const HIGH_IS_SAFE = ['confidence', 'margin', 'logit_margin', 'normalised_logit'];

export function expectedOf(file: GateJson): ExpectedGate {
  const { signal, threshold } = file;
  if (signal !== 'sensitivity' && !HIGH_IS_SAFE.includes(signal)) {
    throw new Error(`expected a gate on sensitivity or on one of ${HIGH_IS_SAFE.join(', ')}, got ${signal}`);
  }
  return {
    modelDigest: file.model.digest,
    ...{ signal, threshold },
    limit: signal === 'sensitivity' ? threshold : (file.sensitivity_limit ?? Infinity),
    confidenceFloor: file.confidence_floor ?? 0,
    cut: file.familiarity?.cut ?? null,
  };
}

/** Why an answer does not rank well enough for the gate; null where it does. */
export function rankDoubt(answer: StoredPrediction['answer'], gate: ExpectedGate): string | null {
  const { signal, threshold } = gate;
  if (signal === 'sensitivity') return null;
  const value = answer.signals?.[signal];
  if (typeof value === 'number' && value >= threshold) return null;
  return `its ${signal} ${JSON.stringify(value)} is below the gate's threshold ${threshold}`;
}

/**
 * Refused before anything is stored; after any other refusal it may or may not be there, as is said of
 * `database_unavailable`.
 */
function storesNothing(status: number, code: string): boolean {
  return status < 500 || ['engine_busy', 'engine_unavailable', 'uploads_busy'].includes(code);
}

/**
 * Of what a client has asked to be forgotten nothing may be there once that was acknowledged; until then it
 * may be there or not.
 *
 * @param untilMs Of a copy: what was acknowledged later may be missing. Times are the client's.
 * @param imagesKept Whether images are kept of items that are decided.
 */
export function examine(
  entries: readonly Entry[],
  stored: Stored,
  gates: ExpectedGates,
  untilMs = Infinity,
  imagesKept = true,
): Findings {
  const lost: string[] = [];
  const duplicated: string[] = [];
  const unmeasured: string[] = [];
  const differing: string[] = [];
  const unasked: string[] = [];

  const byId = new Map(stored.predictions.map((row) => [row.id, row]));
  const shown = new Set([...stored.items.values()].map(({ shows }) => shows));
  const rowsOfInput = Map.groupBy(stored.predictions, ({ inputHash }) => inputHash);
  const asked = new Map<number, Entry & { act: 'predict' }>();
  const labelling = new Map<number, Entry & { act: 'label' }>();
  const sent = new Map<string, number>();
  const refused: { n: number; code: string; pixels: string }[] = [];
  const answeredIds = new Map<string, number>();
  const forgetting = new Map<number, string>();
  for (const entry of entries) {
    if (entry.act === 'forget') forgetting.set(entry.n, entry.id);
    const id = entry.act === 'forgotten' ? forgetting.get(entry.n)! : null;
    if (id === null) continue;
    // An item of several predictions goes on with the others, and keeps its id.
    if (byId.has(id) || shown.has(id) || stored.images.has(id))
      differing.push(`${id} was forgotten, and is there`);
  }
  const leaving = new Set(forgetting.values());
  let acknowledged = 0;
  let labels = 0;

  for (const entry of entries) {
    const { n, at } = entry;
    if (entry.act === 'predict') {
      asked.set(n, entry);
      sent.set(entry.pixels, (sent.get(entry.pixels) ?? 0) + 1);
    } else if (entry.act === 'label') labelling.set(n, entry);
    else if (entry.act === 'predicted' && at <= untilMs) {
      acknowledged++;
      const { id, decision, label, reasons } = entry;
      const request = asked.get(n)!;
      const earlier = answeredIds.get(id);
      if (earlier !== undefined) duplicated.push(`id ${id} answers request ${earlier} and request ${n}`);
      answeredIds.set(id, n);
      const row = byId.get(id);
      if (row === undefined && leaving.has(id)) continue;
      if (row === undefined) {
        lost.push(`prediction ${id} of request ${n} was acknowledged and is not in the database`);
        continue;
      }
      const named = entry.gate === undefined ? {} : { gate: entry.gate };
      const expected = { decision, label, reasons, input: request.pixels, ...named };
      const got = {
        decision: row.decision,
        label: row.answer.label ?? null,
        reasons: row.answer.reasons,
        input: row.inputHash,
        ...(entry.gate === undefined ? {} : { gate: row.gateId }),
      };
      if (JSON.stringify(expected) !== JSON.stringify(got) || row.answer.decision !== decision) {
        differing.push(
          `prediction ${id}: answered ${JSON.stringify(expected)}, stored ${JSON.stringify(got)}`,
        );
      }
      const item = stored.items.get(row.itemId ?? '');
      const image = stored.images.get(item?.shows ?? '');
      if (decision === 'review' && item === undefined) lost.push(`the review item of ${id} is gone`);
      const mayBeGone = !imagesKept && ['labelled', 'discarded'].includes(item?.outcome ?? '');
      if (item !== undefined && decision === 'review' && image === undefined && !mayBeGone)
        lost.push(`the image of ${id} is gone`);
      // One of several of the same pixels shows the file of the first.
      if (image !== undefined && item?.shows === id && image !== request.bytes)
        differing.push(`the image of ${id} has other bytes than were sent`);
    } else if (entry.act === 'labelled' && at <= untilMs) {
      labels++;
      const { id, label } = labelling.get(n)!;
      const item = stored.items.get(id);
      // An audit's item has an id of its own, and goes with a prediction that is forgotten.
      const isOfForgotten = item === undefined && leaving.size > 0 && !answeredIds.has(id);
      if (leaving.has(id) || isOfForgotten) continue;
      if (item?.doubt === label) continue;
      if (item?.outcome !== 'labelled') lost.push(`the label of ${id} was acknowledged and is not there`);
      else if (item.label !== label)
        differing.push(`${id} was labelled ${label}, stored is ${String(item.label)}`);
    } else if (entry.act === 'refused' && asked.has(n) && storesNothing(entry.status, entry.code)) {
      refused.push({ n, code: entry.code, pixels: asked.get(n)!.pixels });
    }
  }
  for (const { n, code, pixels } of refused) {
    if (sent.get(pixels) !== 1) continue;
    for (const { id } of rowsOfInput.get(pixels) ?? [])
      unasked.push(`request ${n} was refused with ${code}, and is stored as ${id}`);
  }

  for (const [input, rows] of rowsOfInput) {
    const times = sent.get(input) ?? 0;
    if (times === 0) unasked.push(`nobody sent the input ${input} of ${rows[0]!.id}`);
    else if (rows.length > times) {
      const ids = rows.map(({ id }) => id).join(', ');
      duplicated.push(`an input that was sent ${times} times is stored ${rows.length} times: ${ids}`);
    }
  }
  for (const row of stored.predictions) {
    const why = row.decision === 'auto' ? doubtOf(row, gates) : null;
    if (why !== null) unmeasured.push(`${row.id} is auto, but ${why}`);
  }
  return { acknowledged, labels, lost, duplicated, unmeasured, differing, unasked };
}

/** Why an automatic label should not be; null where it may. */
function doubtOf({ answer, gateId, modelDigest }: StoredPrediction, gates: ExpectedGates): string | null {
  const gate = typeof gates === 'function' ? gates(gateId) : gates;
  if (gate === null) return `it names the gate ${gateId}, which the service was never given`;
  const value = answer.sensitivity?.value;
  const confidence = answer.signals?.confidence;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    return `its sensitivity is ${JSON.stringify(value)}`;
  if (value > gate.limit) return `its sensitivity ${value} is above the gate's limit ${gate.limit}`;
  const badly = rankDoubt(answer, gate);
  if (badly !== null) return badly;
  const score = answer.familiarity?.score;
  if (gate.cut !== null && !(typeof score === 'number' && score <= gate.cut))
    return `its familiarity ${JSON.stringify(score)} is beyond the gate's cut ${gate.cut}`;
  if (typeof confidence !== 'number' || !(confidence >= gate.confidenceFloor))
    return `its confidence ${JSON.stringify(confidence)} is below the gate's floor ${gate.confidenceFloor}`;
  if (modelDigest !== gate.modelDigest || answer.model?.digest !== gate.modelDigest)
    return `its model ${modelDigest} is not the gate's ${gate.modelDigest}`;
  if (gateId === null || answer.gate?.id !== gateId || answer.gate.threshold !== gate.threshold)
    return 'it names no gate, or another one';
  return null;
}
