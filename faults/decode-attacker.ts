/**
 * The caller of `decode-work` who sends images that are made to take long or much, as a process of its own:
 * what it takes to send them is none of the other caller's times. Each kind is sent again as soon as it is
 * answered, whatever the answer, until SIGTERM; then it prints how often each was answered how, as JSON.
 *
 *     node faults/decode-attacker.ts <url> <key>
 */
import { Agent } from 'node:http';
import sharp, { type Sharp } from 'sharp';
import { deepPng } from '../support/deep-png.ts';
import { PNG_SIGNATURE, pngChunk } from '../support/png-chunk.ts';
import { sendRequest } from './client-log.ts';

interface Form {
  readonly type: string;
  readonly body: Uint8Array;
}

const noise = (width: number, height: number): Sharp =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#000',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  });

const BOUNDARY = 'decode-attacker';

function formOf(images: readonly Uint8Array[]): Form {
  const head = Buffer.from(
    `--${BOUNDARY}\r\ncontent-disposition: form-data; name="image"; filename="a"\r\n` +
      'content-type: image/png\r\n\r\n',
  );
  const parts = images.flatMap((image) => [head, image, Buffer.from('\r\n')]);
  return {
    type: `multipart/form-data; boundary=${BOUNDARY}`,
    body: Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]),
  };
}

const png = (body: Uint8Array): Form => ({ type: 'image/png', body });

/** A PNG whose header is in order and whose pixels are none. */
function hollowPng(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const data = pngChunk('IDAT', Buffer.alloc(100_000, 0x55));
  return Buffer.concat([PNG_SIGNATURE, pngChunk('IHDR', header), data, pngChunk('IEND', Buffer.alloc(0))]);
}

/** By the name of its kind, what one sender sends in turn. */
async function kinds(): Promise<Readonly<Record<string, readonly Form[]>>> {
  const deep = formOf(Array.from({ length: 8 }, () => deepPng(7000, 7000)));
  const small = await noise(28, 28).png().toBuffer();
  const photograph = await noise(640, 640).jpeg({ quality: 50 }).toBuffer();
  const junk = Buffer.concat([PNG_SIGNATURE, Buffer.alloc(2_000, 0x55)]);
  return {
    'eight deep PNGs': [deep],
    'eight more': [deep],
    thin: [png(await noise(1, 300_000).png().toBuffer()), png(await noise(300_000, 1).png().toBuffer())],
    'progressive JPEG': [
      {
        type: 'image/jpeg',
        body: await noise(5000, 5000).jpeg({ progressive: true, quality: 50 }).toBuffer(),
      },
    ],
    WebP: [
      { type: 'image/webp', body: await noise(2000, 2000).webp({ lossless: true, effort: 0 }).toBuffer() },
      { type: 'image/webp', body: await noise(5000, 5000).webp({ quality: 50, effort: 0 }).toBuffer() },
    ],
    '8 MB behind the end': [png(Buffer.concat([small, Buffer.alloc(8_000_000, 7)]))],
    junk: [formOf(Array.from({ length: 64 }, () => junk)), formOf([hollowPng(3_000), hollowPng(3_000)])],
    '32 photographs': [formOf(Array.from({ length: 32 }, () => photograph))],
  };
}

const [url, key] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const answered = new Map<string, number>();
process.once('SIGTERM', () => {
  console.log(JSON.stringify(Object.fromEntries([...answered].sort())));
  process.exit();
});

async function sendForEver(kind: string, forms: readonly Form[]): Promise<never> {
  for (let n = 0; ; n++) {
    const { type, body } = forms[n % forms.length]!;
    const headers = { authorization: `Bearer ${key}`, 'content-type': type };
    // A connection that is closed over a body that nobody wants is an answer, too.
    const status = await sendRequest(agent, `${url}/v1/predictions`, { method: 'POST', headers, body }).then(
      (answer) => answer.status,
      () => 0,
    );
    const name = `${kind} ${status}`;
    answered.set(name, (answered.get(name) ?? 0) + 1);
  }
}

const senders = Object.entries(await kinds());
console.log('ready');
await Promise.all(senders.map(([kind, forms]) => sendForEver(kind, forms)));
