import { largest } from '../../numerics/extremes.ts';

/** One component of the picture: a plane of blocks of 8 × 8 samples. */
export interface Component {
  readonly id: number;
  /** Blocks of it in one unit of an interleaved scan. */
  readonly across: number;
  readonly down: number;
  /** Blocks that hold samples of the picture. */
  readonly columns: number;
  readonly rows: number;
  /** Blocks of a row, with those that fill up the last unit. */
  readonly stride: number;
  readonly quantization: number;
}

export interface Frame {
  readonly progressive: boolean;
  readonly width: number;
  readonly height: number;
  /** Units of an interleaved scan. */
  readonly unitColumns: number;
  readonly unitRows: number;
  readonly components: readonly Component[];
}

/** Reads a SOF segment; null where it is none of 8 bits with at most four components. */
export function readFrame(segment: Uint8Array, progressive: boolean): Frame | null {
  const [precision, h1, h0, w1, w0, count] = segment as unknown as number[];
  if (precision !== 8 || count === undefined || count < 1 || count > 4 || segment.length !== 6 + 3 * count) {
    return null;
  }
  const height = (h1! << 8) | h0!;
  const width = (w1! << 8) | w0!;
  const parts = Array.from({ length: count }, (_, i) => {
    const [id, sampling, quantization] = segment.subarray(6 + 3 * i) as unknown as number[];
    return { id: id!, across: sampling! >> 4, down: sampling! & 15, quantization: quantization! };
  });
  if (height === 0 || width === 0) return null;
  if (
    !parts.every(
      ({ across, down, quantization }) => isSampling(across) && isSampling(down) && quantization < 4,
    )
  ) {
    return null;
  }
  const most = {
    across: largest(parts.map(({ across }) => across)),
    down: largest(parts.map(({ down }) => down)),
  };
  const unitColumns = Math.ceil(width / (8 * most.across));
  const unitRows = Math.ceil(height / (8 * most.down));
  const components = parts.map((part) => ({
    ...part,
    columns: Math.ceil((width * part.across) / (8 * most.across)),
    rows: Math.ceil((height * part.down) / (8 * most.down)),
    stride: unitColumns * part.across,
  }));
  return { progressive, width, height, unitColumns, unitRows, components };
}

function isSampling(factor: number): boolean {
  return factor >= 1 && factor <= 4;
}
