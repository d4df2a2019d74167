/** One server as a URL names it. */
export interface ServerAddress {
  /** A name, an address, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
  /** Where to connect, if not to what `host` is looked up as. */
  readonly address: string | null;
}

const DEFAULT_PORT = 5432;

/** Whether the host is the folder of a Unix socket. */
export function isSocket({ host }: ServerAddress): boolean {
  return host.startsWith('/') || host.startsWith('@');
}

/** The file or abstract name of its socket. */
export function socketPath({ host, port }: ServerAddress): string {
  const path = `${host}/.s.PGSQL.${port}`;
  return host.startsWith('@') ? `\0${path.slice(1)}` : path;
}

/** As messages name it: `db.example:5432`, `[::1]:5432`, `/run/postgresql/.s.PGSQL.5432`. */
export function nameOf(server: ServerAddress): string {
  if (isSocket(server)) return socketPath(server).replace('\0', '@');
  const { host, port } = server;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * libpq's lists, with commas between: as many ports as hosts, or one for all.
 *
 * @param refuse Told what is wrong; throws.
 */
export function readServers(
  lists: Readonly<Record<'host' | 'hostaddr' | 'port', string | undefined>>,
  refuse: (problem: string) => never,
): ServerAddress[] {
  const addresses = lists.hostaddr?.split(',') ?? [];
  const hosts = lists.host?.split(',') ?? (addresses.length > 0 ? addresses.map(() => '') : ['']);
  const ports = lists.port?.split(',') ?? [''];
  if (addresses.length > 0 && addresses.length !== hosts.length)
    refuse(`expected as many in hostaddr as in host; got ${addresses.length} and ${hosts.length}`);
  if (ports.length > 1 && ports.length !== hosts.length)
    refuse(`expected one port, or as many as hosts; got ${ports.length} ports and ${hosts.length} hosts`);
  return hosts.map((host, i) => {
    const text = (ports.length === 1 ? ports[0] : ports[i]) ?? '';
    const port = text === '' ? DEFAULT_PORT : Number(text);
    if (!/^\d*$/.test(text) || port < 1 || port > 65535)
      refuse(`port: expected a whole number from 1 to 65535; got "${text.slice(0, 20)}"`);
    const address = addresses[i] ?? '';
    return {
      host: host !== '' ? host : address !== '' ? address : 'localhost',
      port,
      address: address === '' ? null : address,
    };
  });
}
