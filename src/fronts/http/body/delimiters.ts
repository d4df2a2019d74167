import { MIMEType } from 'node:util';

export interface DelimiterCounter {
  readonly add: (chunk: Buffer) => void;
  /** Delimiters so far: one before each part, and one after the last. */
  readonly count: () => number;
}

/**
 * Counts the delimiters in a `multipart/form-data` body as it arrives.
 *
 * busboy passes over a part whose headers it cannot use and tells nobody; only the count shows that there was
 * one. It is 0 where `contentType` names no boundary.
 */
export function delimiterCounter(contentType: string): DelimiterCounter {
  const boundary = new MIMEType(contentType).params.get('boundary');
  if (boundary === null) return { add: () => undefined, count: () => 0 };
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  // The first delimiter may be the body's beginning.
  let tail = Buffer.from('\r\n');
  let count = 0;
  return {
    add: (chunk) => {
      const bytes = Buffer.concat([tail, chunk]);
      let from = 0;
      for (let at = bytes.indexOf(delimiter); at !== -1; at = bytes.indexOf(delimiter, from)) {
        count++;
        from = at + delimiter.length;
      }
      tail = Buffer.from(bytes.subarray(Math.max(from, bytes.length - delimiter.length + 1)));
    },
    count: () => count,
  };
}
