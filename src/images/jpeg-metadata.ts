import { exifOf } from './exif-orientation.ts';

const MARKER = 0xff;
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const COM = 0xfe;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;

/** Stand alone, without a length. */
const isBare = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= SOI);

/** JFIF's version and density, without its thumbnail; Adobe's flags, which say what the components are. */
const JFIF_BYTES = 12;
const ADOBE_BYTES = 12;

/**
 * A JPEG without what its decoding does not need: Exif, XMP, IPTC, comments, thumbnails, and whatever lies
 * behind its end, such as more images and films. Of segments of applications it keeps JFIF's density, the
 * colour profile and Adobe's flags.
 *
 * It reads as decoders do, damaged files too: between segments they look for the next marker, and a segment
 * behind the start of the pixels ends them. Such a segment is emptied rather than left out, so that the
 * pixels end where they did.
 *
 * @returns Null where there is nothing to leave out.
 */
export function stripJpeg(file: Buffer): { readonly parts: Uint8Array[]; readonly hadExif: boolean } | null {
  const parts: Uint8Array[] = [Uint8Array.of(MARKER, SOI)];
  let hadExif = false;
  let stripped = false;
  let inPixels = false;
  let at = 2;
  while (at < file.length) {
    const marker = nextMarker(file, at, inPixels);
    if (marker === null) {
      // Pixels that break off; or rubbish, which is no segment.
      if (inPixels) parts.push(file.subarray(at));
      else stripped = true;
      break;
    }
    if (inPixels) parts.push(file.subarray(at, marker.start));
    else if (marker.start > at) stripped = true;
    const code = file[marker.end - 1]!;
    at = marker.end;
    if (code === EOI) {
      parts.push(Uint8Array.of(MARKER, EOI));
      stripped ||= at < file.length;
      break;
    }
    if (isBare(code)) {
      parts.push(Uint8Array.of(MARKER, code));
      continue;
    }
    const end = Math.min(file.length, at + Math.max(2, at + 2 <= file.length ? file.readUInt16BE(at) : 2));
    const content = file.subarray(Math.min(at + 2, end), end);
    at = end;
    const kept = keptOf(code, content);
    if (code === APP1 && startsWith(content, 'Exif')) hadExif = true;
    if (kept === content) parts.push(file.subarray(marker.end - 2, end));
    else {
      stripped = true;
      if (kept !== null || inPixels) parts.push(segment(code, kept ?? new Uint8Array(0)));
    }
    inPixels ||= code === SOS;
  }
  return stripped ? { parts, hadExif } : null;
}

/** Puts the orientation where the first segment of an application may be: behind JFIF's. */
export function orientJpeg(parts: readonly Uint8Array[], orientation: number): Uint8Array[] {
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exifOf(orientation)]);
  const [soi, first] = parts;
  const behind = first?.[1] === APP0 ? 2 : 1;
  return [soi!, ...parts.slice(1, behind), segment(APP1, exif), ...parts.slice(behind)];
}

/** What stays of a segment: all, another content, or nothing. */
function keptOf(code: number, content: Buffer): Uint8Array | null {
  switch (code) {
    case APP0:
      return startsWith(content, 'JFIF\0') && content.length >= JFIF_BYTES ? jfif(content) : null;
    case APP2:
      return startsWith(content, 'ICC_PROFILE\0') ? content : null;
    case APP14:
      return startsWith(content, 'Adobe') ? atMost(content, ADOBE_BYTES) : null;
    default:
      return (code > APP0 && code <= APP15) || code === COM ? null : content;
  }
}

function jfif(content: Buffer): Uint8Array {
  if (content.length === JFIF_BYTES + 2 && content[JFIF_BYTES] === 0 && content[JFIF_BYTES + 1] === 0)
    return content;
  return Buffer.concat([content.subarray(0, JFIF_BYTES), Buffer.alloc(2)]);
}

function atMost(content: Buffer, bytes: number): Buffer {
  return content.length <= bytes ? content : content.subarray(0, bytes);
}

function segment(code: number, content: Uint8Array): Uint8Array {
  const head = Buffer.from([MARKER, code, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

/** Among pixels a marker is FF before anything but 0, another FF, or the number of a restart. */
function nextMarker(
  file: Buffer,
  from: number,
  inPixels: boolean,
): { readonly start: number; readonly end: number } | null {
  for (let start = file.indexOf(MARKER, from); start >= 0;) {
    let end = start + 1;
    while (file[end] === MARKER) end++;
    const code = file[end];
    if (code === undefined) return null;
    const isPixels = inPixels && code >= 0xd0 && code <= 0xd7;
    if (code !== 0 && !isPixels) return { start, end: end + 1 };
    start = file.indexOf(MARKER, end + 1);
  }
  return null;
}

function startsWith(content: Buffer, text: string): boolean {
  return content.toString('latin1', 0, text.length) === text;
}
