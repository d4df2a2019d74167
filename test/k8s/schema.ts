import ts from 'typescript';
import { fileURLToPath } from 'node:url';

/** A Kubernetes document, before anything is known of it but what it says it is. */
export interface Document {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

interface Model {
  validate(): void;
}

/** The Prometheus operator's documents are none of Kubernetes's own. */
const OPERATOR = 'monitoring.coreos.com/';

/** What is wrong with the values of `documents` by the OpenAPI schemas of `kubernetes-models`: types, formats, what is required. */
export async function valueProblems(documents: readonly Document[]): Promise<string[]> {
  const problems: string[] = [];
  for (const document of documents) {
    const { apiVersion, kind } = document;
    const models = apiVersion.startsWith(OPERATOR)
      ? '@kubernetes-models/prometheus-operator'
      : 'kubernetes-models';
    const exports = (await import(`${models}/${apiVersion}/${kind}`)) as Record<
      string,
      new (data: Document) => Model
    >;
    try {
      new exports[kind]!(document).validate();
    } catch (error) {
      problems.push(`${kind}: ${String(error)}`);
    }
  }
  return problems;
}

/**
 * What is wrong with the fields of `documents` by the types of `kubernetes-types`, and for the Prometheus operator's of
 * `kubernetes-models`: fields that are unknown, missing, or of another type.
 *
 * Each is written down as an object literal of its type, and the compiler judges, which alone minds unknown fields.
 */
export function schemaProblems(documents: readonly Document[]): string[] {
  const file = fileURLToPath(new URL('./documents.ts', import.meta.url));
  const source = documents.map((document, i) => {
    const type = typeOf(document);
    return `export const document${i}: ${type} = ${JSON.stringify(document, null, 1)};`;
  });
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    lib: ['lib.es2024.d.ts'],
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const readSource = host.getSourceFile.bind(host);
  host.getSourceFile = (path, ...rest) =>
    path === file
      ? ts.createSourceFile(path, source.join('\n'), ts.ScriptTarget.ES2024)
      : readSource(path, ...rest);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

function typeOf({ apiVersion, kind }: Document): string {
  if (apiVersion.startsWith(OPERATOR))
    return `import('@kubernetes-models/prometheus-operator/${apiVersion}/${kind}').I${kind}`;
  return `import('kubernetes-types/${modulePath(apiVersion)}.js').${kind}`;
}

/** `networking.k8s.io/v1` is in `networking/v1`, and the group without a name in `core`. */
function modulePath(apiVersion: string): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  return `${group!.split('.')[0]!}/${version!}`;
}
