/** Encrypts a socket to a PostgreSQL server as libpq's `sslmode` has it. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { isIP, type Socket } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { checkServerIdentity, connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { TlsPlan } from './database-url.ts';

/** SSLRequest: its own length, and the number that stands where a version would. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** A file that the URL names is not there, or not for this user. Without it no way of connecting is meant. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
  readonly code = 'UNREADABLE_FILE';
}

/** A socket that is connected, encrypted. Null where the server has no TLS; the socket is then as it was. */
export async function secured(socket: Socket, host: string, tls: TlsPlan): Promise<TLSSocket | null> {
  const options = await optionsOf(host, tls);
  if (!tls.direct) {
    socket.write(SSL_REQUEST);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (answer.length === 1 && answer[0] === 0x4e) return null;
    // More than the one byte would be somebody between, who speaks before the encryption (CVE-2021-23222).
    if (answer.length !== 1 || answer[0] !== 0x53)
      throw new Error('expected the server to accept or refuse TLS (SSL); it answered something else');
  }
  const encrypted = connect({ ...options, socket });
  await once(encrypted, 'secureConnect');
  return encrypted;
}

async function optionsOf(host: string, tls: TlsPlan): Promise<ConnectionOptions> {
  const { mode, cert, key, keyPassword, crl, direct } = tls;
  const ca = await rootsOf(tls);
  // libpq: whoever names an authority wants the server to be signed by it.
  const verifies = mode.startsWith('verify') || (mode === 'require' && ca !== null);
  return {
    host,
    // No address is a server name (RFC 6066, 3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: verifies,
    checkServerIdentity: (_, certificate) =>
      mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert: await fileOf('sslcert', cert) }),
    ...(key === null ? {} : { key: await fileOf('sslkey', key) }),
    ...(keyPassword === null ? {} : { passphrase: keyPassword }),
    ...(crl === null ? {} : { crl: await fileOf('sslcrl', crl) }),
    ...(direct ? { ALPNProtocols: ['postgresql'] } : {}),
  };
}

/** The authorities of the file; null for those that Node trusts. */
async function rootsOf({ mode, rootCert }: TlsPlan): Promise<Buffer | null> {
  if (rootCert === 'system') return null;
  if (rootCert !== null) return fileOf('sslrootcert', rootCert);
  if (mode !== 'require' && mode !== 'verify-full') return null;
  return readFile(join(homedir(), '.postgresql', 'root.crt')).catch(() => null);
}

async function fileOf(parameter: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new UnreadableFileError(`${parameter}: the file ${path} cannot be read (${code})`, {
      cause: error,
    });
  }
}
