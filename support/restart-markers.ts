/** A JPEG with restart markers, as cameras write them; libvips writes none. */
import { largest } from '../src/numerics/extremes.ts';
import { jpegSegment } from './damaged-files.ts';

interface Code {
  readonly bits: number;
  readonly length: number;
}

/** One Huffman table, both ways. */
interface Table {
  readonly codes: ReadonlyMap<number, Code>;
  /** By `length << 16 | bits`. */
  readonly symbols: ReadonlyMap<number, number>;
}

interface Component {
  readonly blocks: number;
  dc: Table;
  ac: Table;
}

/**
 * The same picture, coefficient by coefficient, with a marker after each `every` units.
 *
 * @param jpeg Sequential, with the standard tables: the values at which a predictor begins anew are not in
 *   optimised ones.
 */
export function withRestartMarkers(jpeg: Buffer, every: number): Buffer {
  const tables = new Map<number, Table>();
  let [units, components] = [0, new Map<number, Component>()];
  let at = 2;
  for (; jpeg[at + 1] !== 0xda; at += 2 + jpeg.readUInt16BE(at + 2)) {
    const segment = jpeg.subarray(at + 4, at + 2 + jpeg.readUInt16BE(at + 2));
    if (jpeg[at + 1] === 0xc4) readTables(segment, tables);
    if (jpeg[at + 1] === 0xc0) ({ units, components } = readFrame(segment));
  }
  const scan = jpeg.subarray(at + 4, at + 2 + jpeg.readUInt16BE(at + 2));
  const parts = Array.from({ length: scan[0]! }, (_, i) => {
    const part = components.get(scan[1 + 2 * i]!)!;
    part.dc = tables.get(scan[2 + 2 * i]! >> 4)!;
    part.ac = tables.get(0x10 | (scan[2 + 2 * i]! & 15))!;
    return part;
  });
  const data = at + 2 + jpeg.readUInt16BE(at + 2);
  const interval = Buffer.alloc(2);
  interval.writeUInt16BE(every);
  return Buffer.concat([
    ...[jpeg.subarray(0, at), jpegSegment(0xdd, interval), jpeg.subarray(at, data)],
    ...[recode(jpeg, data, parts, units, every), Buffer.of(0xff, 0xd9)],
  ]);
}

function readTables(segment: Buffer, tables: Map<number, Table>): void {
  for (let at = 0; at < segment.length;) {
    const counts = segment.subarray(at + 1, at + 17);
    const codes = new Map<number, Code>();
    const symbols = new Map<number, number>();
    let [bits, place] = [0, at + 17];
    counts.forEach((count, i) => {
      for (let n = 0; n < count; n++, bits++, place++) {
        codes.set(segment[place]!, { bits, length: i + 1 });
        symbols.set(((i + 1) << 16) | bits, segment[place]!);
      }
      bits <<= 1;
    });
    tables.set(segment[at]!, { codes, symbols });
    at = place;
  }
}

const NO_TABLE: Table = { codes: new Map(), symbols: new Map() };

function readFrame(segment: Buffer): { units: number; components: Map<number, Component> } {
  const count = segment[5]!;
  const factors = Array.from({ length: count }, (_, i) => segment[7 + 3 * i]!);
  const across = largest(factors.map((factor) => factor >> 4));
  const down = largest(factors.map((factor) => factor & 15));
  const blocksOf = (factor: number): number => (count === 1 ? 1 : (factor >> 4) * (factor & 15));
  const [height, width] = [segment.readUInt16BE(1), segment.readUInt16BE(3)];
  const side = (pixels: number, most: number): number => Math.ceil(pixels / (count === 1 ? 8 : 8 * most));
  return {
    units: side(width, across) * side(height, down),
    components: new Map(
      factors.map((factor, i) => [
        segment[6 + 3 * i]!,
        { blocks: blocksOf(factor), dc: NO_TABLE, ac: NO_TABLE },
      ]),
    ),
  };
}

function recode(
  jpeg: Buffer,
  from: number,
  parts: readonly Component[],
  units: number,
  every: number,
): Buffer {
  const out: number[] = [];
  let [at, held, heldBits] = [from, 0, 0];
  let [pending, pendingBits] = [0, 0];
  const read = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++) {
      if (heldBits === 0) {
        held = jpeg[at]!;
        at += held === 0xff ? 2 : 1;
        heldBits = 8;
      }
      value = (value << 1) | ((held >> --heldBits) & 1);
    }
    return value;
  };
  const write = (value: number, count: number): void => {
    for (let i = count - 1; i >= 0; i--) {
      pending = (pending << 1) | ((value >> i) & 1);
      if (++pendingBits < 8) continue;
      out.push(pending);
      if (pending === 0xff) out.push(0);
      [pending, pendingBits] = [0, 0];
    }
  };
  const readSymbol = ({ symbols }: Table): number => {
    let bits = 0;
    for (let length = 1; length <= 16; length++) {
      bits = (bits << 1) | read(1);
      const symbol = symbols.get((length << 16) | bits);
      if (symbol !== undefined) return symbol;
    }
    throw new Error('expected a code of the table');
  };
  const writeSymbol = ({ codes }: Table, symbol: number): void => {
    const code = codes.get(symbol);
    if (code === undefined) throw new Error(`expected standard tables, got none with a code for ${symbol}`);
    write(code.bits, code.length);
  };
  const fillUp = (): void => {
    if (pendingBits > 0) write((1 << (8 - pendingBits)) - 1, 8 - pendingBits);
  };

  const last = parts.map(() => 0);
  const written = parts.map(() => 0);
  for (let unit = 0; unit < units; unit++) {
    if (unit > 0 && unit % every === 0) {
      fillUp();
      out.push(0xff, 0xd0 + ((unit / every - 1) & 7));
      written.fill(0);
    }
    parts.forEach(({ blocks, dc, ac }, i) => {
      for (let block = 0; block < blocks; block++) {
        const size = readSymbol(dc);
        const bits = read(size);
        last[i]! += size > 0 && bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
        const change = last[i]! - written[i]!;
        written[i] = last[i]!;
        const length = 32 - Math.clz32(Math.abs(change));
        writeSymbol(dc, length);
        write(change < 0 ? change + (1 << length) - 1 : change, length);
        for (let k = 1; k < 64; k++) {
          const symbol = readSymbol(ac);
          writeSymbol(ac, symbol);
          write(read(symbol & 15), symbol & 15);
          if (symbol === 0) break;
          k += symbol >> 4;
        }
      }
    });
  }
  fillUp();
  return Buffer.from(out);
}
