import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';

/** What Linux, macOS and Windows take as one name. */
const LONGEST_NAME_BYTES = 255;
/** Of a name that is shortened: room for its hash, and for paths of Windows that end at 260 characters. */
const KEPT_CHARACTERS = 100;

/** Stands in no name but before a hash: it is encoded wherever a label has it. */
const MARK = '~';

/** Names that are devices of Windows, with every extension too, and what an exported folder itself has. */
const RESERVED = /^(?:(?:con|prn|aux|nul|com\d|lpt\d) *(?:\..*)?|manifest\.jsonl)$/i;

/**
 * The label as the name of a folder: what a path or another system would read otherwise is percent-encoded,
 * and is all ASCII, so that no file system takes two of them for one by Unicode's forms. A name that is too
 * long or reserved is shortened, with a hash of the label behind it.
 */
export function folderName(label: string): string {
  const name = encode(label.toWellFormed()).replace(/^[. ]|[. ]$/g, percentEncoded) || '%';
  const isPlain = name.length <= LONGEST_NAME_BYTES && !RESERVED.test(name) && label.isWellFormed();
  return isPlain ? name : hashedName(label);
}

/** The folders of labels that lie in one folder, which file systems without upper case keep apart too. */
export interface LabelFolders {
  /** The folder of this label and of no other. */
  of(label: string): string;
}

/**
 * Reads which labels have a folder. The first label that a name fits has it; another one whose name differs
 * by case alone, or is a file's, has its hash behind it, in this run and in every later one.
 *
 * @param folder It must be there.
 */
export async function openLabelFolders(folder: string): Promise<LabelFolders> {
  const taken = new Map<string, string | null>();
  for (const entry of await readdir(folder, { withFileTypes: true }))
    taken.set(entry.name.toLowerCase(), entry.isFile() ? null : entry.name);
  return {
    of: (label) => {
      const name = folderName(label);
      const key = name.toLowerCase();
      const owner = taken.get(key);
      if (owner === undefined) taken.set(key, name);
      return owner === undefined || owner === name ? name : hashedName(label);
    },
  };
}

/** The label's start, of whole characters and without a dot, behind which Windows sees no device; a hash. */
function hashedName(label: string): string {
  let start = '';
  for (const character of label.toWellFormed()) {
    const next = encode(character).replaceAll('.', percentEncoded);
    if (start.length + next.length > KEPT_CHARACTERS) break;
    start += next;
  }
  const hash = createHash('sha256').update(label, 'utf16le').digest('hex').slice(0, 16);
  return `${start.replace(/^ /, percentEncoded)}${MARK}${hash}`;
}

function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', ' ')
    .replaceAll(/[*'()!~]/g, percentEncoded);
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
