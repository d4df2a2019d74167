import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** A request under way. */
export interface OpenRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The requests under way, by connection, each connection's in their order. */
export type OpenRequests = ReadonlyMap<Duplex, ReadonlySet<OpenRequest>>;
