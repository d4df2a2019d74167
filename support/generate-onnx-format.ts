// Writes src/gradient/onnx/ from ONNX's own definition: node support/generate-onnx-format.ts
// PATH/TO/onnx-ml.proto
//
// The definition is in the PyPI package onnx, as onnx/onnx-ml.proto. The compiler and its plugin are
// installed into a temporary folder: nobody needs them but who runs this.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageJson from '../package.json' with { type: 'json' };
import ts from 'typescript';

/** Columns of a line of code. */
const WIDTH = 110;

const [definition] = process.argv.slice(2);
if (definition === undefined) throw new Error('expected the path of onnx-ml.proto');
const folder = mkdtempSync(join(tmpdir(), 'sensigate-onnx-'));

const run = (command: string, ...args: string[]): void => {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' });
  if (error ?? status !== 0) throw new Error(`${command} failed`, { cause: error });
};

const runtime = packageJson.dependencies['@bufbuild/protobuf'].replace('^', '');
run('npm', 'init', '--yes', '--silent');
run('npm', 'install', '--ignore-scripts', `@bufbuild/protoc-gen-es@${runtime}`, '@bufbuild/buf@1');
mkdirSync(join(folder, 'proto'));
copyFileSync(definition, join(folder, 'proto/onnx.proto'));
writeFileSync(join(folder, 'buf.yaml'), 'version: v2\nmodules:\n  - path: proto\n');
const plugin = '  - local: node_modules/.bin/protoc-gen-es\n    out: out\n    opt: target=js+dts\n';
writeFileSync(join(folder, 'buf.gen.yaml'), `version: v2\nplugins:\n${plugin}`);
run('node_modules/.bin/buf', 'build', '--exclude-source-info', '--output', 'definition.binpb');
run('node_modules/.bin/buf', 'generate', 'definition.binpb');

const head = `// ${/^\/\/ SPDX-License-Identifier: .*$/m.exec(readFileSync(definition, 'utf8'))![0].slice(3)}
// Generated from ONNX's onnx-ml.proto by protoc-gen-es ${runtime}: 
// change nothing here, run support/generate-onnx-format.ts.
`;
for (const name of ['onnx_pb.js', 'onnx_pb.d.ts']) {
  const text = compact(readFileSync(join(folder, 'out', name), 'utf8'));
  writeFileSync(fileURLToPath(new URL(`../src/gradient/onnx/${name}`, import.meta.url)), head + text);
}
rmSync(folder, { recursive: true });

/** The code without its comments, enumerations and the encoded definition laid out over whole lines. */
function compact(code: string): string {
  const source = ts.createSourceFile('onnx_pb.ts', code, ts.ScriptTarget.ES2024, true);
  return ts
    .createPrinter({ removeComments: true })
    .printFile(source)
    .replaceAll('    ', '  ')
    .replaceAll('"', "'")
    .replace(/(?<=enum \w+ \{\n)[^}]+/g, (members) => lines(members.trim().split(/\s*\n\s*/), '  ', ' '))
    .replace(/'([\w+/=]{200,})'/, (_, encoded: string) => {
      const parts = encoded.match(new RegExp(`.{1,${WIDTH - 10}}`, 'g'))!;
      return `[\n${parts.map((part) => `  '${part}',\n`).join('')}].join('')`;
    });
}

/** `words` in lines that are not wider than is allowed. */
function lines(words: readonly string[], indent: string, separator: string): string {
  let text = '';
  let line = indent;
  for (const word of words) {
    if (line.length + word.length + 1 > WIDTH) {
      text += `${line.trimEnd()}\n`;
      line = indent;
    }
    line += word + separator;
  }
  return `${text}${line.trimEnd()}\n`;
}
