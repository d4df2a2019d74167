/**
 * Text that came from outside and was looked at.
 *
 * PostgreSQL takes no NUL in text, and no database, log or file in UTF-8 can hold half of a surrogate pair.
 * Whatever comes from a caller, a file or a token is checked where it comes in, once, by `plainText` or
 * `isPlainText`; the type then says so, and what a front hands to a store must have it (`CheckedPort`).
 */
import { z } from 'zod';

/** Well-formed text without NUL, as every database takes it. */
export type PlainText = string & z.core.$brand<'PlainText'>;

export const NOT_PLAIN = 'expected well-formed text without NUL';

export function isPlainText(value: unknown): value is PlainText {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
}

/** Text of the program's own, or such as was checked by a stricter rule. */
export function asPlainText(value: string): PlainText {
  if (isPlainText(value)) return value;
  throw new RangeError(`${NOT_PLAIN}; got ${JSON.stringify(value.slice(0, 100))}`);
}

/** The schema with this rule besides its own: `plainText(z.string().max(200))`. */
export function plainText<S extends z.ZodType<string>>(schema: S) {
  return schema.refine(isPlainText, NOT_PLAIN).brand<'PlainText'>();
}

type Leaf = number | bigint | boolean | null | undefined | ArrayBufferView | ((...of: never[]) => unknown);

/** The same with `PlainText` wherever any text could stand, at any depth; literals stay. */
export type Checked<T> = T extends string
  ? string extends T
    ? PlainText
    : T
  : T extends Leaf
    ? T
    : { [K in keyof T]: Checked<T[K]> };

/** A port as a front has it: its methods take checked text alone. Every port is one. */
export type CheckedPort<Port> = {
  [Member in keyof Port]: Port[Member] extends (...given: infer Given) => infer Result
    ? (...given: Extract<Checked<Given>, readonly unknown[]>) => Result
    : CheckedPort<Port[Member]>;
};
