import packageJson from '../package.json' with { type: 'json' };
import { type Program, runProgram } from './command-line/program.ts';
import { EXIT_CODES, exitCodeOf } from './service/exit-codes.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `sensigate needs Node 22.18 or newer, this is ${process.versions.node}. ./sensigate brings its own.`,
  );
  process.exit(1);
}

const program: Program = {
  name: packageJson.name,
  version: packageJson.version,
  description:
    'Classifies images over HTTP, measures how sensitive each answer is, labels what is stable, and has ' +
    'people label the rest.',
  commands: [
    {
      name: 'serve',
      summary: 'serves a model and its review queue over HTTP',
      load: async () => (await import('./commands/serve.ts')).serve,
    },
    {
      name: 'calibrate',
      summary: 'makes a gate from labelled images: which answers need no person',
      load: async () => (await import('./commands/calibrate.ts')).calibrate,
    },
    {
      name: 'evaluate',
      summary: 'says what signals and gate are worth on labelled images',
      load: async () => (await import('./commands/evaluate.ts')).evaluate,
    },
    {
      name: 'export',
      summary: 'writes final labels and their images to a folder',
      load: async () => (await import('./commands/export.ts')).exportCommand,
    },
    {
      name: 'retain',
      summary: 'deletes images and records that are old',
      load: async () => (await import('./commands/retain.ts')).retain,
    },
    {
      name: 'forget',
      summary: 'deletes predictions and all that is kept of them',
      load: async () => (await import('./commands/forget.ts')).forget,
    },
    {
      name: 'migrate',
      summary: 'brings the database to this version',
      load: async () => (await import('./commands/migrate.ts')).migrate,
    },
    {
      name: 'backup',
      summary: 'copies the SQLite database to one file, beside a running service',
      load: async () => (await import('./commands/backup.ts')).backup,
    },
  ],
  exitCodes: EXIT_CODES,
  exitCodeOf,
  example: 'sensigate serve --port 9000',
};

process.exitCode = await runProgram(program, process.argv.slice(2));
