import { isIPv4, isIPv6 } from 'node:net';

/**
 * An IP address in its one plain form, whatever a proxy or the system writes around it: a port, brackets, a
 * zone, capitals, or IPv4 mapped into IPv6. Null where `text` holds no address.
 */
export function plainAddress(text: string): string | null {
  const bare = withoutPort(text.trim()).split('%', 1)[0]!;
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return null;
  const short = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(short);
  if (mapped === null) return short;
  const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** `203.0.113.7:1001`, `[2001:db8::1]:443`, `[2001:db8::1]`, and eight groups with a port behind them. */
function withoutPort(text: string): string {
  const inBrackets = /^\[([^\]]*)\](?::\d*)?$/.exec(text)?.[1];
  if (inBrackets !== undefined) return inBrackets;
  const before = /^(.*):\d*$/.exec(text)?.[1];
  return before === undefined || isIPv6(text) || text.includes('::') ? text : before;
}

/** What counts as one address: of IPv6 the network of 64 bits, of which one caller commonly has all. */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (plain === null || isIPv4(plain)) return plain ?? address;
  const [head = '', tail] = plain.split('::');
  const groupsOf = (text = ''): string[] => (text === '' ? [] : text.split(':'));
  const before = groupsOf(head);
  const after = groupsOf(tail);
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
