#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `sensigate needs Node 22.18 or newer, this is ${process.versions.node}. \`make run\` brings its own.`,
  );
  process.exit(1);
}

const commands: Record<string, () => Promise<(args: readonly string[]) => Promise<number>>> = {
  serve: async () => (await import('./commands/serve.ts')).serve,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  migrate: async () => (await import('./commands/migrate.ts')).migrate,
  retain: async () => (await import('./commands/retain.ts')).retain,
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluate,
  calibrate: async () => (await import('./commands/calibrate.ts')).calibrate,
};

const [name = '', ...args] = process.argv.slice(2);
const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (!load) {
  console.error(`usage: sensigate <command> [options]\ncommands: ${Object.keys(commands).join(', ')}`);
  process.exitCode = 2;
} else {
  try {
    const run = await load();
    process.exitCode = await run(args);
  } catch (error) {
    console.error(`sensigate ${name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

export {};
