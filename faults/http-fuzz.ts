/**
 * Hostile requests to every operation of GET /openapi.json, 20,000 of them, 3,000 in the short form, and
 * bytes that are no HTTP at all; beside ordinary load. No answer may be a 5xx that the document does not
 * name, take long, or tell of the program's inside.
 *
 *     node faults/run.ts http-fuzz
 */
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { comparingHeld } from './resource-growth.ts';
import { type Answered, sendRequest } from './client-log.ts';
import { attempt, check, long, pick, uniform } from './harness.ts';
import { hostileString, type Schema, valueFor } from './hostile-values.ts';
import { startLoad, requireDocumented } from './load.ts';
import { survived } from './report.ts';
import { openScene } from './scene.ts';
import { childrenOf } from './service.ts';

const REQUESTS = long ? 20_000 : 3_000;
const RAW = long ? 500 : 100;
const OPEN = 8;
const ANSWERS_WITHIN_MS = 30_000;
/** What a stack, a path or a statement would look like. */
const INSIDE =
  /\bat .{1,200}:\d+:\d+|node_modules|\/src\/|\.ts:\d|SqliteError|SQLITE_|SELECT .* FROM|node:internal/;

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: Schema;
  }[];
  readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly statuses: readonly string[];
}

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly parameters?: Operation['parameters'];
            readonly requestBody?: { readonly content: Operation['content'] };
            readonly responses: Readonly<Record<string, unknown>>;
          }
        >
      >
    >
  >;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

function operationsOf({ paths }: Document): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      content: requestBody?.content ?? {},
      statuses: Object.keys(responses),
    })),
  );
}

function encode(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return encodeURIComponent(text.slice(0, 1200).toWellFormed());
}

/**
 * Bytes that are no image, whatever they begin like, so that nothing is stored that the log does not know.
 */
function noImage(): Buffer {
  const starts = ['', '\x89PNG\r\n\x1a\n', '\xff\xd8\xff', 'RIFF\x10\0\0\0WEBP', '<svg xmlns="">', 'GIF89a'];
  return Buffer.concat([Buffer.from(pick(starts), 'latin1'), Buffer.from(hostileString().slice(0, 1000))]);
}

function multipart(boundary: string): Buffer {
  const part = (headers: string): Buffer =>
    Buffer.concat([Buffer.from(`--${boundary}\r\n${headers}\r\n\r\n`), noImage(), Buffer.from('\r\n')]);
  const disposition = 'content-disposition: form-data; name=';
  const parts = Array.from({ length: pick([0, 1, 2, 70]) }, () =>
    part(
      pick([
        `${disposition}"image"; filename="a.png"\r\ncontent-type: image/png`,
        `${disposition}"image"`,
        `${disposition}"${'n'.repeat(5000)}"; filename="\0"`,
        'content-disposition: nonsense',
        'x'.repeat(20_000),
        '',
      ]),
    ),
  );
  return Buffer.concat([...parts, Buffer.from(pick([`--${boundary}--\r\n`, '', '--wrong--']))]);
}

function bodyFor(
  { content }: Operation,
  resolve: (schema: Schema) => Schema,
  known: readonly string[],
): { type: string; body: Buffer } {
  const types = Object.keys(content);
  const type =
    types.length === 0 || uniform() < 0.1
      ? pick(['text/plain', 'application/json', '', 'a/b;='])
      : pick(types);
  if (type === 'multipart/form-data') {
    const boundary = pick(['x', '----b', 'q'.repeat(200)]);
    return { type: pick([`${type}; boundary=${boundary}`, type]), body: multipart(boundary) };
  }
  if (type === 'application/json' && content[type]) {
    const text = JSON.stringify(valueFor(content[type].schema, resolve, known));
    if (uniform() < 0.15) return { type, body: Buffer.from(text.slice(0, -1)) };
    if (uniform() < 0.1) return { type, body: Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(text)]) };
    return { type: uniform() < 0.1 ? `${type}; charset=utf-16` : type, body: Buffer.from(text) };
  }
  return { type, body: noImage() };
}

/** Sends bytes as they are, and waits until the service has closed the connection or a moment has passed. */
function sendRaw(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const end = setTimeout(() => socket.destroy(), 300);
    socket.on('data', () => undefined);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(end);
      resolve();
    });
  });
}

const NO_HTTP: readonly (() => string)[] = [
  () => 'GET\r\n\r\n',
  () => `GET / HTTP/9.9\r\nhost: localhost\r\n\r\n`,
  () => `POST /v1/predictions HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n`,
  () =>
    `POST /v1/predictions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcde`,
  () =>
    `POST /v1/predictions HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/png\r\n` +
    `transfer-encoding: chunked\r\n\r\nzz\r\n`,
  // Announces much, sends little, goes away.
  () =>
    `POST /v1/predictions HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/png\r\n` +
    `content-length: 1000000\r\n\r\nabc`,
  () => `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
  () => `GET / HTTP/1.1\r\nhost: localhost\r\n${'x: y\r\n'.repeat(5000)}\r\n`,
  () => `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03`,
  () => `CONNECT x:1 HTTP/1.1\r\nhost: localhost\r\n\r\n`,
  () => `GET /openapi.json HTTP/1.1\r\nhost: evil.example\r\n\r\n`,
  () => hostileString(),
];

await attempt(async () => {
  const scene = await openScene();
  const service = await scene.start();
  const engine = await childrenOf(service.pid);
  const compare = await comparingHeld(service, scene.client);
  const agent = new Agent({ keepAlive: true });
  const document = JSON.parse((await sendRequest(agent, `${service.url}/openapi.json`)).text) as Document;
  const operations = operationsOf(document);
  const resolve = (schema: Schema): Schema =>
    schema.$ref === undefined
      ? schema
      : resolve(document.components.schemas[schema.$ref.split('/').at(-1)!]!);
  const waiting = await sendRequest(agent, `${service.url}/v1/reviews?state=pending&limit=50`);
  const listed = JSON.parse(waiting.text) as {
    items: { id: string }[];
  };
  // None that is labelled: an undo among the requests would take away what the log says was acknowledged.
  const known = listed.items.map(({ id }) => id);
  check(known.length > 0, 'nothing is in review, so no id is known');
  const load = startLoad(scene.client, 2, 0);

  const forgotten = new Set<string>();
  const statuses = new Map<number, number>();
  let slowest = 0;
  const judge = ({ method, path, statuses: documented }: Operation, sent: string, answer: Answered): void => {
    const { status, text, headers, milliseconds } = answer;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    slowest = Math.max(slowest, milliseconds);
    const what = `${method} ${path}, sent ${sent.slice(0, 300)}: ${status} ${text.slice(0, 300)}`;
    check(status < 500 || (status === 503 && documented.includes('503')), `an undocumented failure: ${what}`);
    // 431 comes from node itself, before any route.
    if (status < 400 || status === 431) return;
    check(!INSIDE.test(text), `an answer tells of the inside: ${what}`);
    check(headers['content-type']?.includes('problem+json') ?? false, `no problem document: ${what}`);
  };

  const fuzz = async (i: number): Promise<void> => {
    const operation = operations[i % operations.length]!;
    // What a request may delete, the client's log must know of: it asks itself, once for each.
    if (operation.method === 'DELETE' && uniform() < 0.6) {
      const id = pick(known);
      if (!forgotten.has(id)) await scene.client.forget(id);
      forgotten.add(id);
      return;
    }
    // A map costs 1,569 forward passes: of a known item only now and then.
    const costly = operation.path.endsWith('sensitivity.png') && uniform() > 0.02;
    const path = operation.path.replaceAll(/\{(\w+)\}/g, () =>
      encode(
        !costly && operation.method !== 'DELETE' && uniform() < 0.6 ? pick(known) : hostileString(),
      ).slice(0, 2000),
    );
    const query = operation.parameters
      .filter((parameter) => parameter.in === 'query' && uniform() < 0.6)
      .map(({ name, schema }) => `${name}=${encode(valueFor(schema, resolve, known))}`);
    if (uniform() < 0.1)
      query.push(pick(['a[b]=c', 'limit=1&limit=2', '__proto__[x]=1', '%', '=', 'unknown=1']));
    const { type, body } =
      operation.method === 'GET' || operation.method === 'DELETE'
        ? { type: '', body: Buffer.alloc(0) }
        : bodyFor(operation, resolve, known);
    const headers: Record<string, string> = {
      ...(type === '' ? {} : { 'content-type': type }),
      ...(uniform() < 0.1 ? { accept: pick(['*/*', 'x', 'text/html;q=9']) } : {}),
      ...(uniform() < 0.1 ? { authorization: pick(['Bearer', 'Bearer x', 'Basic eDp5']) } : {}),
      ...(uniform() < 0.05 ? { 'x-request-id': pick(['a'.repeat(5000), '<b>']) } : {}),
      ...(uniform() < 0.05 ? { 'idempotency-key': pick(['', '"', 'k'.repeat(3000)]) } : {}),
      ...(uniform() < 0.05 ? { 'content-encoding': pick(['gzip', 'br', 'x']) } : {}),
    };
    const asked = query.length > 0 ? `?${query.join('&')}` : '';
    const url = `${service.url}${path.startsWith('/') ? path : `/${path}`}${asked}`;
    const answer = await sendRequest(agent, url, {
      method: operation.method,
      headers,
      body,
      timeoutMs: ANSWERS_WITHIN_MS,
    });
    judge(operation, `${url.slice(service.url.length)} ${type} ${body.toString('latin1')}`, answer);
  };

  let sent = 0;
  const fuzzing = async (): Promise<void> => {
    while (sent < REQUESTS) await fuzz(sent++);
  };
  await Promise.all(Array.from({ length: OPEN }, fuzzing));
  const port = Number(new URL(service.url).port);
  for (let i = 0; i < RAW; i += 4) {
    await Promise.all([0, 1, 2, 3].map(() => sendRaw(port, Buffer.from(pick(NO_HTTP)(), 'latin1'))));
  }
  agent.destroy();
  await load.stop();
  await sleep(200);
  check(
    JSON.stringify(await childrenOf(service.pid)) === JSON.stringify(engine),
    'a request ended an engine process',
  );
  check(service.errors.length === 0, `the service logged errors: ${service.errors[0] ?? ''}`);
  requireDocumented(load.answers);
  const held = await compare();
  await service.stop();
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`);
  survived({
    fault: 'hostile HTTP',
    done: `${sent} requests to ${operations.length} operations, ${RAW} that are no HTTP`,
    found: await scene.examine(),
    note: `${counts.join(', ')}; slowest ${Math.round(slowest)} ms; ${held}`,
  });
});
