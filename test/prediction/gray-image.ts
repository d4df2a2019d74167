import sharp from 'sharp';

/** A PNG of these gray values, 0 to 255, row-major. */
export function grayImage(width: number, values: readonly number[]): Promise<Buffer> {
  const raw = { width, height: values.length / width, channels: 1 } as const;
  return sharp(Uint8Array.from(values), { raw }).png().toBuffer();
}

/** The intensities, 0 to 1, of gray values. */
export function intensities(values: readonly number[]): number[] {
  return values.map((value) => value / 255);
}
