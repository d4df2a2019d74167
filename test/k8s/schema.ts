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

/**
 * What is wrong with the values of `documents` by the OpenAPI schemas of `kubernetes-models`: types, formats,
 * what is required.
 */
export async function valueProblems(documents: readonly Document[]): Promise<string[]> {
  const problems: string[] = [];
  for (const document of documents) {
    const { kind } = document;
    const exports = (await import(modelOf(document))) as Record<string, new (data: Document) => Model>;
    try {
      new exports[kind]!(document).validate();
    } catch (error) {
      problems.push(`${kind}: ${String(error)}`);
    }
  }
  return problems;
}

/**
 * What is wrong with the fields of `documents` by the types of `kubernetes-models`: fields that are unknown,
 * missing, or of another type.
 *
 * Each is written down as an object literal of its type, and the compiler judges, which alone minds unknown
 * fields.
 */
export function schemaProblems(documents: readonly Document[]): string[] {
  const file = fileURLToPath(new URL('./documents.ts', import.meta.url));
  const source = documents.map((document, i) => {
    const type = `import('${modelOf(document)}').I${document.kind}`;
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

/** The Prometheus operator's documents are none of Kubernetes's own. */
function modelOf({ apiVersion, kind }: Document): string {
  const models = apiVersion.startsWith('monitoring.coreos.com/')
    ? '@kubernetes-models/prometheus-operator'
    : 'kubernetes-models';
  return `${models}/${apiVersion}/${kind}`;
}
