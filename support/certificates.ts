/** Certificates (X.509) for tests of TLS: node reads them and cannot make them. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

export interface Issued {
  /** PEM, the certificate alone. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
  /** The same, encrypted by a password. */
  readonly keyBy: (password: string) => string;
  readonly serial: Buffer;
}

export interface Authority extends Issued {
  readonly issue: (subject: Subject) => Issued;
  /** PEM: those that are not to be trusted any more. */
  readonly revoke: (...revoked: readonly Issued[]) => string;
}

export interface Subject {
  /** The common name. */
  readonly name: string;
  /** DNS names and IPv4 addresses that it is good for. */
  readonly hosts?: readonly string[];
  /** Days from now on that it is good for; of one that has expired less than nothing. */
  readonly days?: number;
}

const DAY_MS = 24 * 3600 * 1000;

// Tags of DER (X.690).
const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const BOOLEAN = 0x01;

function der(tag: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content as string);
  const { length } = bytes;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), bytes]);
}

const sequence = (parts: readonly Buffer[]): Buffer => der(SEQUENCE, Buffer.concat(parts));
const oid = (hex: string): Buffer => der(OID, Buffer.from(hex, 'hex'));
const ECDSA_WITH_SHA256 = sequence([oid('2a8648ce3d040302')]);
const nameOf = (text: string): Buffer =>
  sequence([der(SET, sequence([oid('550403'), der(UTF8_STRING, text)]))]);
const timeOf = (ms: number): Buffer =>
  der(UTC_TIME, `${new Date(ms).toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`);

/** `content`, and its signature by the issuer. */
function signed(content: Buffer, by: KeyObject): Buffer {
  const signature = sign('sha256', content, by);
  return sequence([
    content,
    ECDSA_WITH_SHA256,
    der(BIT_STRING, Buffer.concat([Buffer.from([0]), signature])),
  ]);
}

function pem(what: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${what}-----`, ...lines, `-----END ${what}-----`, ''].join('\n');
}

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, host),
  );
  return sequence([oid('551d11'), der(OCTET_STRING, sequence(names))]);
}

const TRUE = der(BOOLEAN, Buffer.from([255]));
const IS_AUTHORITY = sequence([oid('551d13'), TRUE, der(OCTET_STRING, sequence([TRUE]))]);

interface Signer {
  readonly name: string;
  readonly key: KeyObject;
}

/** @param by Null where it signs itself, as an authority. */
function make({ name, hosts = [], days = 30 }: Subject, by: Signer | null): [Issued, KeyObject] {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // Positive, and never with a zero in front.
  const serial = Buffer.concat([Buffer.from([0x40]), randomBytes(8)]);
  const extensions = by === null ? [IS_AUTHORITY] : hosts.length > 0 ? [alternativeNames(hosts)] : [];
  const from = Date.now() - 10 * DAY_MS;
  const content = sequence([
    der(0xa0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, serial),
    ECDSA_WITH_SHA256,
    nameOf(by?.name ?? name),
    sequence([timeOf(from), timeOf(Date.now() + days * DAY_MS)]),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [der(0xa3, sequence(extensions))] : []),
  ]);
  const issued = {
    certificate: pem('CERTIFICATE', signed(content, by?.key ?? privateKey)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    keyBy: (password: string) =>
      privateKey.export({
        type: 'pkcs8',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase: password,
      }) as string,
    serial,
  };
  return [issued, privateKey];
}

/** An authority that signs itself. */
export function newAuthority(name: string): Authority {
  const [issued, key] = make({ name }, null);
  const revoke = (...revoked: readonly Issued[]): string => {
    const now = timeOf(Date.now() - DAY_MS);
    const content = sequence([
      der(INTEGER, Buffer.from([1])),
      ECDSA_WITH_SHA256,
      nameOf(name),
      now,
      timeOf(Date.now() + 30 * DAY_MS),
      sequence(revoked.map(({ serial }) => sequence([der(INTEGER, serial), now]))),
    ]);
    return pem('X509 CRL', signed(content, key));
  };
  return { ...issued, issue: (subject) => make(subject, { name, key })[0], revoke };
}
