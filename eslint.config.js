import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * A spread argument is put on the stack, which ends at about 125,000 of them: an array whose length is the
 * data's must not be spread into a call. `smallest` and `largest` (src/numerics/extremes.ts) and loops do the
 * same at any length.
 */
const noSpreadArguments = (selector) => [
  'error',
  ...[
    selector,
    // The same by other words: an array that is made of another one's members, and apply.
    'SpreadElement.arguments > ArrayExpression > SpreadElement',
    'CallExpression[callee.property.name="apply"]',
  ].map((one) => ({
    selector: one,
    message:
      'A call takes no more arguments than the stack holds. Use smallest() or largest(), or a loop; ' +
      'an array of fixed length is taken apart.',
  })),
];

/** The type says that a text was looked at; a cast would say so of any. */
const noCastToPlainText = {
  selector: 'TSAsExpression > TSTypeReference[typeName.name="PlainText"]',
  message: 'Text becomes plain by plainText(), isPlainText() or asPlainText(), which look at it.',
};

/** A request's texts come through one file, which checks them. */
const noRawRequest = {
  selector: 'MemberExpression[object.name="request"][property.name=/^(query|body|params)$/]',
  message: 'Use parseQuery, the JSON reader, or idOf: they check what they return.',
};

/** A body leaves by one door, which takes it from the budget of downloads. */
const noBodyPastTheBudget = {
  selector:
    'CallExpression[callee.object.name="response"][callee.property.name=' +
    '/^(write|end|writeHead|send|json|jsonp|sendFile|sendStatus|download|redirect|render|format|pipe)$/]',
  message: 'Send it by server/sending.ts, which takes it from the budget of downloads.',
};

export default defineConfig(
  {
    ignores: [
      'node_modules/',
      '.toolchain/',
      '.peers/',
      'data/',
      'build/',
      '.datasets/',
      'src/gradient/onnx/',
      'eslint.config.js',
    ],
  },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers read naturally in messages; everything else must be turned into text on purpose.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // An indexed loop over typed arrays is checked by its bound; `!` says so where noUncheckedIndexedAccess
      // cannot know.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      // Code and comments alike; pages and style sheets inside templates have lines of their own.
      'max-len': [
        'error',
        { code: 110, ignoreTemplateLiterals: true, ignoreUrls: true, ignoreRegExpLiterals: true },
      ],
      'no-console': 'error',
      'no-restricted-syntax': noSpreadArguments(
        ':matches(CallExpression, NewExpression) > SpreadElement.arguments[argument.type!="ArrayExpression"]',
      ).concat(noCastToPlainText),
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/model/libvips.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          name: 'sharp',
          message: 'Import sharp from src/model/libvips.ts, which says what it may read.',
          allowTypeImports: true,
        },
      ],
    },
  },
  {
    files: ['src/fronts/http/**/*.ts'],
    // These are the door, and the guard before it.
    ignores: ['src/fronts/http/server/{sending,downloads}.ts'],
    rules: {
      'no-restricted-syntax': noSpreadArguments(
        ':matches(CallExpression, NewExpression) > SpreadElement.arguments[argument.type!="ArrayExpression"]',
      ).concat(noCastToPlainText, noBodyPastTheBudget),
    },
  },
  {
    files: ['src/fronts/http/routes/**/*.ts'],
    // These look a text up among names that they know.
    ignores: ['src/fronts/http/routes/{item-id,page,docs}.ts'],
    rules: {
      'no-restricted-syntax': noSpreadArguments(
        ':matches(CallExpression, NewExpression) > SpreadElement.arguments[argument.type!="ArrayExpression"]',
      ).concat(noCastToPlainText, noRawRequest, noBodyPastTheBudget),
    },
  },
  {
    // Tests write down what they pass: arguments that are told one by one may go on as they are. Data may
    // not.
    files: ['test/**/*.ts'],
    rules: {
      // The title of a test is one sentence.
      'max-len': [
        'error',
        {
          code: 110,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreUrls: true,
          ignoreRegExpLiterals: true,
        },
      ],
      'no-restricted-syntax': noSpreadArguments(
        ':matches(NewExpression, CallExpression[callee.object.name="Math"], ' +
          'CallExpression[callee.property.name=/^(push|unshift|splice|concat|fromCharCode|fromCodePoint)$/]' +
          ') > SpreadElement.arguments',
      ),
    },
  },
  {
    // describe() and it() of node:test return promises that the runner itself awaits.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            {
              from: 'package',
              name: ['describe', 'it', 'test', 'before', 'after', 'beforeEach', 'afterEach'],
              package: 'node:test',
            },
          ],
        },
      ],
    },
  },
  {
    // These are command-line programs: what they print is their result.
    files: [
      'bench/**/*.ts',
      'research/**/*.ts',
      'faults/**/*.ts',
      'src/commands/**/*.ts',
      'src/command-line/**/*.ts',
      'src/main.ts',
      'models/**/*.ts',
    ],
    rules: { 'no-console': 'off' },
  },
);
