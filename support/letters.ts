import { existsSync } from 'node:fs';
import { sharp } from '../src/model/libvips.ts';
import { createUniform, forkSeed } from '../src/numerics/random.ts';
import { drawn, type Size } from './gray-pictures.ts';

const FOLDER = '/usr/share/fonts/truetype/dejavu';
const FILES = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf', 'DejaVuSansMono.ttf', 'DejaVuSerif.ttf'];
const FONTS = ['DejaVu Sans', 'DejaVu Sans Bold', 'DejaVu Sans Mono', 'DejaVu Serif'];

/**
 * Letters, but those that are drawn as a digit is: the rings of 0 (O, D, Q, Θ, Φ, e, σ), 1 (I, l), Z, 3 (З,
 * Э, ε), 4 (Y, y, γ, Ч), 5 (S), 6 (b, d, G, Б), 7 (Г, Γ), 8 (B, В, β), 9 (g, q, P, ρ, я).
 */
export const SCRIPTS = {
  latin: 'ACEFHKMNRTUVWXahkmnrtuvwx',
  cyrillic: 'ДЖИЛПЦШЩЮджилмпцшщъыю',
  greek: 'ΔΛΞΠΣΨΩαηλμνξπψωχκ',
} as const;

export type Script = keyof typeof SCRIPTS;

/** Whether the fonts are there: Debian's package fonts-dejavu-core brings them. */
export const haveFonts = FILES.every((file) => existsSync(`${FOLDER}/${file}`));

/**
 * Printed letters, light on dark, as MNIST's digits are placed: within 20/28 of the picture, the centre of
 * their light in its middle.
 */
export async function letterPictures(script: Script, count: number, size: Size): Promise<Uint8Array[]> {
  const letters = Array.from(SCRIPTS[script]);
  const pictures: Uint8Array[] = [];
  for (let index = 0; index < count; index++) {
    const uniform = createUniform(forkSeed(Uint32Array.of(7, 7, 20, 26), index));
    const font = FONTS[Math.floor(uniform() * FONTS.length)]!;
    const text = letters[index % letters.length]!;
    // Turned a little, and of more pixels than are left in the end.
    const large = await sharp({ text: { text, font, dpi: 500 } })
      .png()
      .toBuffer();
    const turned = await sharp(large)
      .toColourspace('b-w')
      .rotate(24 * uniform() - 12, { background: 'black' })
      .png()
      .toBuffer();
    const box = Math.round((20 / 28) * Math.min(size.height, size.width));
    const { data, info } = await sharp(turned)
      .toColourspace('b-w')
      .resize({ width: box, height: box, fit: 'inside', kernel: 'linear', fastShrinkOnLoad: false })
      .raw()
      .toBuffer({ resolveWithObject: true });
    pictures.push(centred(data, info, size));
  }
  return pictures;
}

/** The picture with the letter's centre of light in its middle, to the pixel. */
function centred(data: Uint8Array, letter: Size & { readonly channels: number }, size: Size): Uint8Array {
  const light = (row: number, column: number): number =>
    row < 0 || column < 0 || row >= letter.height || column >= letter.width
      ? 0
      : data[(row * letter.width + column) * letter.channels]!;
  let [sum, down, right] = [0, 0, 0];
  for (let row = 0; row < letter.height; row++) {
    for (let column = 0; column < letter.width; column++) {
      sum += light(row, column);
      down += row * light(row, column);
      right += column * light(row, column);
    }
  }
  const top = Math.round((size.height - 1) / 2 - down / sum);
  const left = Math.round((size.width - 1) / 2 - right / sum);
  return drawn(size, (row, column) => light(row - top, column - left));
}
