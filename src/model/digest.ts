import { createHash } from 'node:crypto';
import type { Manifest } from './manifest.ts';

/**
 * The model's identity, `sha256:…`: its bytes and everything in the manifest that changes an answer.
 *
 * Licence, provenance, description and accuracy do not take part, so that they can be corrected without a new
 * gate.
 */
export function modelDigest(onnx: Uint8Array, manifest: Manifest): string {
  const { name, version, labels, input, output, mirror_keeps_label } = manifest;
  const hash = createHash('sha256');
  hash.update(createHash('sha256').update(onnx).digest());
  hash.update(canonicalJson({ name, version, labels, input, output, mirror_keeps_label }));
  return `sha256:${hash.digest('hex')}`;
}

/** JSON with the keys of every object in order, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
