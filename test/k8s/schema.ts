import ts from 'typescript';
import { fileURLToPath } from 'node:url';

/** A Kubernetes document, before anything is known of it but what it says it is. */
export interface Document {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * What is wrong with `documents` by the Kubernetes API of `kubernetes-types`: fields that are unknown, missing, or of another type.
 *
 * Each is written down as an object literal of its type, and the compiler judges, which alone minds unknown fields.
 */
export function schemaProblems(documents: readonly Document[]): string[] {
  const file = fileURLToPath(new URL('./documents.ts', import.meta.url));
  const source = documents.map((document, i) => {
    const type = `import('kubernetes-types/${modulePath(document.apiVersion)}.js').${document.kind}`;
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

/** `networking.k8s.io/v1` is in `networking/v1`, and the group without a name in `core`. */
function modulePath(apiVersion: string): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  return `${group!.split('.')[0]!}/${version!}`;
}
