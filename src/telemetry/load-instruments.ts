import { Counter, Gauge, type Registry } from 'prom-client';
import { type OnSourceProblem, scrapedSource } from './scraped-source.ts';

/** What is held of a bounded number of bytes. */
export interface HeldBytes {
  readonly held: number;
  readonly most: number;
}

/** Connections of callers. */
export interface OpenConnections {
  readonly open: number;
  readonly most: number;
}

/** Why a connection was refused or closed by the service: docs/limits.md, "Connections and requests". */
export const CONNECTION_REFUSALS = ['address', 'all', 'silent'] as const;

/** How busy the database is. */
export interface DatabaseLoad {
  /** Of this process; null where there is no pool. */
  readonly connections: { readonly most: number; readonly open: number; readonly idle: number } | null;
  /** Calls that wait: for a connection of the pool, or for the next commit of the one writer. */
  readonly waiting: number;
  /** Of the database's files on this machine; null where it lies elsewhere. */
  readonly bytes: number | null;
}

/** The memory of a process that the service has started. */
export interface ProcessMemory {
  /** What it does: `engine` or `decoder`. */
  readonly role: string;
  /** Its place among those that do the same; a process that replaces another takes its place. */
  readonly place: number;
  readonly bytes: number;
}

/** Images of automatic answers, of all processes together. */
export interface KeptImages {
  readonly images: number;
  readonly bytes: number;
}

/** Who asks for how much, and what it takes up, registered with `registry`. */
export function createLoadInstruments(registry: Registry, onProblem: OnSourceProblem, now: () => number) {
  const registers = [registry];
  const database = scrapedSource<DatabaseLoad>('database', onProblem, now);
  const processes = scrapedSource<readonly ProcessMemory[]>('processes', onProblem, now);
  const kept = scrapedSource<KeptImages>('kept_images', onProblem, now);
  const inflight = new Map<string, () => HeldBytes>();
  const callers: { read: (() => OpenConnections) | null } = { read: null };

  const calls = new Counter({
    name: 'sensigate_caller_requests_total',
    help:
      'Requests by caller, the id of a key or the subject of a JWT, and whether they were beyond its quota ' +
      '(429); past a bound of different callers all others share the name other.',
    labelNames: ['caller', 'limited'],
    registers,
  });
  const refusedConnections = new Counter({
    name: 'sensigate_connections_refused_total',
    help:
      'Connections that were closed without an answer: their address or all together have as many as they ' +
      'may (address, all), or they had brought no request when others needed room (silent).',
    labelNames: ['reason'],
    registers,
  });
  const open: Gauge = new Gauge({
    name: 'sensigate_connections',
    help: 'Connections of callers, those among them that are closed and whose request is still worked on.',
    registers,
    collect: () => {
      if (callers.read === null) open.remove();
      else open.set(callers.read().open);
    },
  });
  const mostConnections: Gauge = new Gauge({
    name: 'sensigate_connections_limit',
    help: 'Most connections of callers: MAX_CONNECTIONS.',
    registers,
    collect: () => {
      if (callers.read === null) mostConnections.remove();
      else mostConnections.set(callers.read().most);
    },
  });
  const memory: Gauge<'role' | 'place'> = new Gauge({
    name: 'sensigate_process_resident_bytes',
    help: 'Resident memory of each process that the service has started. Absent but on Linux.',
    labelNames: ['role', 'place'],
    registers,
    collect: async () => {
      const found = await processes.read();
      memory.reset();
      for (const { role, place, bytes } of found ?? []) memory.set({ role, place }, bytes);
    },
  });
  const connections: Gauge<'state'> = new Gauge({
    name: 'sensigate_database_connections',
    help: 'Connections of this process to the database: in use, idle, and the most. Absent with SQLite.',
    labelNames: ['state'],
    registers,
    collect: async () => {
      const of = (await database.read())?.connections ?? null;
      connections.reset();
      if (of === null) return;
      connections.set({ state: 'in_use' }, of.open - of.idle);
      connections.set({ state: 'idle' }, of.idle);
      connections.set({ state: 'most' }, of.most);
    },
  });
  const waiting: Gauge = new Gauge({
    name: 'sensigate_database_waiting',
    help: 'Calls that wait for a connection to PostgreSQL, or for the next commit of SQLite.',
    registers,
    collect: async () => {
      const load = await database.read();
      if (load === null) waiting.remove();
      else waiting.set(load.waiting);
    },
  });
  const bytes: Gauge = new Gauge({
    name: 'sensigate_database_bytes',
    help: 'Size of the files of the SQLite database. Absent with PostgreSQL.',
    registers,
    collect: async () => {
      const size = (await database.read())?.bytes ?? null;
      if (size === null) bytes.remove();
      else bytes.set(size);
    },
  });
  const keptBytes: Gauge = new Gauge({
    name: 'sensigate_automatic_images_bytes',
    help: 'Bytes of the images of automatic answers that are kept for audits, of all processes together.',
    registers,
    collect: async () => {
      const totals = await kept.read();
      if (totals === null) keptBytes.remove();
      else keptBytes.set(totals.bytes);
    },
  });
  const held: Gauge<'way'> = new Gauge({
    name: 'sensigate_inflight_bytes',
    help: 'Bytes of bodies that are under way and held in memory, by way: upload, download.',
    labelNames: ['way'],
    registers,
    collect: () => {
      for (const [way, read] of inflight) held.set({ way }, read().held);
    },
  });
  const most: Gauge<'way'> = new Gauge({
    name: 'sensigate_inflight_limit_bytes',
    help: 'Most bytes of bodies under way, by way: beyond it requests are refused.',
    labelNames: ['way'],
    registers,
    collect: () => {
      for (const [way, read] of inflight) most.set({ way }, read().most);
    },
  });
  return { calls, refusedConnections, callers, database, processes, kept, inflight };
}
