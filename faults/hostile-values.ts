import { pick, uniform } from './harness.ts';

/** As much of JSON Schema as the service's OpenAPI document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
}

const STRINGS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '💥'.repeat(50),
  'x'.repeat(100_000),
  '../../../../etc/passwd',
  '..\\..\\windows',
  "' OR 1=1 --",
  '"; DROP TABLE items; --',
  '$where',
  '%00',
  '%',
  '{{7*7}}',
  '${process.exit(1)}',
  '<script>alert(1)</script>',
  '-1',
  '1e309',
  'NaN',
  'true',
  'null',
  '[]',
  '__proto__',
  'constructor',
  '01M881QT4ECFQRS0V2E5E0TQ7M',
  'ZZZZZZZZZZZZZZZZZZZZZZZZZZ',
  '\r\nx-injected: 1',
  'Shirt',
];

const NUMBERS: readonly number[] = [
  0,
  -0,
  -1,
  1,
  5,
  0.5,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e308,
  5e-324,
  1e20,
  99,
  3600,
];

export function hostileString(): string {
  return pick(STRINGS);
}

/** Something deep, large, or of a type that nobody asked for. */
function hostileValue(): unknown {
  const deep = (depth: number): unknown => (depth === 0 ? null : [deep(depth - 1)]);
  const makers: readonly (() => unknown)[] = [
    hostileString,
    () => pick(NUMBERS),
    () => null,
    () => true,
    () => [],
    () => ({}),
    () => deep(500),
    () => JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as unknown,
    () => Array.from({ length: 2000 }, () => hostileString().slice(0, 10)),
  ];
  return pick(makers)();
}

/** A value that follows the schema in most places, and breaks it in some. */
export function valueFor(
  schema: Schema,
  resolve: (schema: Schema) => Schema,
  known: readonly string[],
): unknown {
  if (uniform() < 0.2) return hostileValue();
  const { type, properties, items, minimum, maximum, anyOf, oneOf, ...others } = resolve(schema);
  if (others.const !== undefined) return others.const;
  if (others.enum) return pick(others.enum);
  const choices = anyOf ?? oneOf;
  if (choices) return valueFor(pick(choices), resolve, known);
  switch (Array.isArray(type) ? pick(type as string[]) : type) {
    case 'object': {
      const value: Record<string, unknown> = {};
      for (const [name, inner] of Object.entries(properties ?? {}))
        if (uniform() < 0.85) value[name] = valueFor(inner, resolve, known);
      if (uniform() < 0.15) value[pick(['extra', '__proto__', 'constructor', 'toString'])] = hostileValue();
      return value;
    }
    case 'array':
      return Array.from({ length: pick([0, 1, 3]) }, () => valueFor(items ?? {}, resolve, known));
    case 'integer':
    case 'number':
      return pick([minimum ?? 0, maximum ?? 1, (minimum ?? 0) - 1, (maximum ?? 1e6) + 1, ...NUMBERS]);
    case 'boolean':
      return pick([true, false, 'true', 0]);
    case 'null':
      return null;
    default:
      return uniform() < 0.4 && known.length > 0 ? pick(known) : hostileString();
  }
}
