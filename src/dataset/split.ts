import { createHash } from 'node:crypto';

interface Hashed {
  /** SHA-256 of the decoded pixels, hex. */
  readonly hash: string;
}

/** Images to choose by, and others to prove the choice on. */
export interface Halves<T> {
  readonly fit: readonly T[];
  readonly certification: readonly T[];
}

/**
 * Two halves by pixels alone: the same whatever the files are called and in whatever order they come.
 *
 * Images are put in the order of SHA-256(salt ‖ pixel hash); the first half is `fit`. Equal pixels never come
 * apart, so that the halves are disjoint whatever they are made of.
 */
export function splitByHash<T extends Hashed>(images: readonly T[], salt: string): Halves<T> {
  const keyed = images.map((image) => ({
    image,
    key: createHash('sha256').update(salt).update(image.hash).digest('hex'),
  }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  let half = keyed.length >> 1;
  while (half > 0 && half < keyed.length && keyed[half]!.key === keyed[half - 1]!.key) half++;
  const ordered = keyed.map(({ image }) => image);
  return { fit: ordered.slice(0, half), certification: ordered.slice(half) };
}

/** SHA-256 of the images' pixel hashes, sorted: the identity of the set, hex. */
export function splitHash(images: readonly Hashed[]): string {
  const hash = createHash('sha256');
  for (const one of images.map((image) => image.hash).sort()) hash.update(one);
  return hash.digest('hex');
}

/** @throws Error if an image is on both sides: a bound proven there would promise too much */
export function requireDisjoint({ fit, certification }: Halves<Hashed & { readonly where: string }>): void {
  const fitted = new Map(fit.map(({ hash, where }) => [hash, where]));
  for (const { hash, where } of certification) {
    const other = fitted.get(hash);
    if (other === undefined) continue;
    throw new Error(
      `fit and certification images are not disjoint: ${other} and ${where} have the same pixels`,
    );
  }
}
