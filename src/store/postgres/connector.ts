/**
 * Connects to the one server of a plan that takes writes.
 *
 * The driver knows one host and no fallback from TLS, so that the socket is made here and handed to it. Hosts
 * are tried in turn, the one that served last comes first, and each is asked whether it takes writes before
 * anything else is. A standby, or a primary that was demoted, is as good as one that does not answer.
 */
import { once } from 'node:events';
import { connect as openSocket, type Socket } from 'node:net';
import pg from 'pg';
import type { DatabasePlan, TlsPlan } from './database-url.ts';
import { isSocket, nameOf, type ServerAddress, socketPath } from './server-addresses.ts';
import { secured, UnreadableFileError } from './secure-socket.ts';
import { StoreError } from '../store-error.ts';

/** A connection to a server that took writes when it was made. */
export interface Connected {
  readonly client: pg.Client;
  /** Whether something stands between that may give each transaction another connection (PgBouncer). */
  readonly pooled: boolean;
}

/** Makes one connection more. */
export type Connect = () => Promise<Connected>;

/** For one host where the URL names no time; several share it. */
const CONNECT_MS = 5_000;
const LEAST_CONNECT_MS = 2_000;

/** No connection, and why, host by host. */
export class NoServerError extends Error {
  override readonly name = 'NoServerError';
  readonly attempts: readonly { readonly server: string; readonly error: Error }[];

  constructor(attempts: NoServerError['attempts']) {
    super(attempts.map(({ server, error }) => `${server}: ${error.message || codeOf(error)}`).join('; '));
    this.attempts = attempts;
    // Of one host the error is the host's.
    const [first] = attempts;
    if (attempts.length === 1 && first !== undefined) this.cause = first.error;
  }
}

/** The server answers, and takes no writes: a standby, or a primary that was set read-only. */
export class ReadOnlyError extends Error {
  override readonly name = 'ReadOnlyError';
  readonly code = 'READ_ONLY';

  constructor() {
    super('it takes no writes: a standby, or default_transaction_read_only is on');
  }
}

export interface ConnectorOptions {
  /** How long the driver waits for an answer. */
  readonly queryMs: number;
}

export function createConnector(plan: DatabasePlan, { queryMs }: ConnectorOptions): Connect {
  const { servers, connectMs } = plan;
  const patienceMs = connectMs ?? Math.max(LEAST_CONNECT_MS, CONNECT_MS / servers.length);
  let last = 0;
  return async () => {
    const attempts: { server: string; error: Error }[] = [];
    const first = last;
    for (let i = 0; i < servers.length; i++) {
      const at = (first + i) % servers.length;
      const server = servers[at]!;
      try {
        const connected = await connectTo(server, plan, { patienceMs, queryMs });
        last = at;
        return connected;
      } catch (error) {
        // Another host has the same database.
        if (error instanceof StoreError) throw error;
        attempts.push({ server: nameOf(server), error: error as Error });
      }
    }
    throw new NoServerError(attempts);
  };
}

interface Patience {
  readonly patienceMs: number;
  readonly queryMs: number;
}

/** Tries the ways that `sslmode` has, in its order. */
async function connectTo(server: ServerAddress, plan: DatabasePlan, patience: Patience): Promise<Connected> {
  let failed: unknown;
  for (const encrypted of waysOf(server, plan.tls)) {
    try {
      return await tryOnce(server, plan, encrypted, patience);
    } catch (error) {
      // The same again by another way would be refused again: only the way itself may be at fault.
      if (!(error instanceof pg.DatabaseError && error.code === '28000') && !isOfTls(error)) throw error;
      failed ??= error;
    }
  }
  throw failed;
}

type Way = 'plain' | 'tls' | 'tls_if_there';

function waysOf(server: ServerAddress, { mode }: TlsPlan): readonly Way[] {
  if (isSocket(server) || mode === 'disable') return ['plain'];
  if (mode === 'allow') return ['plain', 'tls'];
  return mode === 'prefer' ? ['tls_if_there', 'plain'] : ['tls'];
}

/** Whether the encryption failed, rather than the connection. */
class TlsError extends Error {
  override readonly name = 'TlsError';
}

const isOfTls = (error: unknown): boolean => error instanceof TlsError;

async function tryOnce(
  server: ServerAddress,
  plan: DatabasePlan,
  way: Way,
  { patienceMs, queryMs }: Patience,
): Promise<Connected> {
  const socket: Socket = isSocket(server)
    ? openSocket(socketPath(server))
    : openSocket({ host: server.address ?? server.host, port: server.port });
  const timer = setTimeout(() => {
    socket.destroy(new ConnectTimeout(`it does not answer within ${patienceMs} ms`));
  }, patienceMs);
  // Whoever waits for the socket hears of its errors; later nobody does, and the client hears of them itself.
  socket.on('error', () => undefined);
  const broken = new Promise<never>((_, reject) => {
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error('it ended the connection'));
    });
  });
  broken.catch(() => undefined);
  try {
    await Promise.race([once(socket, 'connect'), broken]);
    const stream =
      way === 'plain' ? socket : await Promise.race([encrypt(socket, server, plan, way), broken]);
    const client = newClient(stream, server, plan, queryMs);
    await Promise.race([client.connect(), broken]);
    return { client, pooled: await Promise.race([inspect(client, plan), broken]) };
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

class ConnectTimeout extends Error {
  override readonly name = 'ConnectTimeout';
  readonly code = 'ETIMEDOUT';
}

async function encrypt(
  socket: Socket,
  { host }: ServerAddress,
  { tls }: DatabasePlan,
  way: Way,
): Promise<Socket> {
  let encrypted: Socket | null;
  try {
    encrypted = await secured(socket, host, tls);
  } catch (error) {
    if (error instanceof UnreadableFileError) throw error;
    throw new TlsError(`no TLS (SSL) connection: ${(error as Error).message}`, { cause: error });
  }
  if (encrypted === null && way === 'tls') throw new TlsError('the server does not support TLS (SSL)');
  return encrypted ?? socket;
}

/** Times and counts are bigint in the schema and far below 2^53. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

/** The driver over a socket that is connected already. */
function newClient(
  stream: Socket,
  { host, port }: ServerAddress,
  plan: DatabasePlan,
  queryMs: number,
): pg.Client {
  const { user, database, password, applicationName, options, channelBinding } = plan;
  const connected = Object.assign(stream, {
    connect: () => {
      process.nextTick(() => stream.emit('connect'));
      return stream;
    },
  });
  const client = new pg.Client({
    // For ~/.pgpass alone.
    host,
    port,
    user,
    database,
    password,
    ssl: false,
    sslnegotiation: 'postgres',
    stream: () => connected,
    types,
    application_name: applicationName,
    ...(options === undefined ? {} : { options }),
    enableChannelBinding: channelBinding && 'getPeerCertificate' in stream,
    keepAlive: true,
    query_timeout: queryMs,
    pipeline: true,
  });
  // One that breaks while nobody asks anything of it. What is asked of it fails and tells.
  client.on('error', () => undefined);
  return client;
}

interface Inspected {
  readonly pid: number;
  readonly encoding: string;
  readonly client_encoding: string;
  readonly read_only: string;
}

const INSPECT = `
  SELECT pg_backend_pid() AS pid, current_setting('server_encoding') AS encoding,
    current_setting('client_encoding') AS client_encoding, current_setting('transaction_read_only') AS read_only`;

/** Whether a pooler stands between: it tells another process than the one that answers. */
async function inspect(client: pg.Client, { database }: DatabasePlan): Promise<boolean> {
  const { rows } = await client.query<Inspected>(INSPECT);
  const { pid, encoding, client_encoding, read_only } = rows[0]!;
  if (encoding !== 'UTF8')
    throw new StoreError(
      'unsuitable_database',
      `expected the database "${database}" to be in UTF8; its encoding is ${encoding}. Make one: ` +
        'createdb --encoding=UTF8 --template=template0',
    );
  if (read_only !== 'off') throw new ReadOnlyError();
  // A role or a database may have another; a pooler carries this one for each of its clients.
  if (client_encoding !== 'UTF8') await client.query(`SET client_encoding = 'UTF8'`);
  return (client as unknown as { processID: number | null }).processID !== pid;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
