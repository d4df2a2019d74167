import { defineCommand } from '../command-line/command.ts';
import { text } from '../command-line/options.ts';
import { describeSettings, type GivenOptions } from '../service/settings.ts';
import { EXIT } from '../service/exit-codes.ts';

const options = {
  host: text({
    value: 'address',
    description: 'address to listen on; any but loopback needs API_KEYS_FILE or JWKS_URL',
    shownDefault: '127.0.0.1',
  }),
  port: text({
    value: 'port',
    description: 'port to listen on; 0 for one that is free',
    shownDefault: '8080',
  }),
  model: text({
    value: 'folder',
    description: 'folder of model.onnx and model.json',
    shownDefault: 'the shipped models/fashion-mnist',
  }),
  gate: text({ value: 'file', description: 'the gate', shownDefault: 'gate.json beside the model' }),
  'data-dir': text({ value: 'folder', description: 'folder of the SQLite database', shownDefault: './data' }),
} as const;

/** The setting that each option is. */
const SETTING_OF = {
  host: 'HOST',
  port: 'PORT',
  model: 'MODEL_DIR',
  gate: 'GATE_FILE',
  'data-dir': 'DATA_DIR',
} as const;

export const serve = defineCommand({
  description: [
    'Answers POST /v1/predictions at http://127.0.0.1:8080, shows reviewers their page at /, and ' +
      'describes itself at /docs. It logs JSON lines, and runs until SIGTERM or SIGINT; requests under way ' +
      'are answered first.',
    'Every setting is an environment variable; the options are the most used ones, and win over their ' +
      'variables.',
  ],
  options,
  sections: [
    {
      title: 'Environment',
      rows: describeSettings().map(({ name, description, otherwise }) => [
        name,
        // The options tell where the shipped model is.
        otherwise === null || name === 'MODEL_DIR' ? description : `${description} (default: ${otherwise})`,
      ]),
    },
  ],
  exitCodes: [EXIT.done, EXIT.failed, EXIT.wrong],
  example: 'sensigate serve --port 9000 --data-dir /var/lib/sensigate',
  run: async (values) => {
    const { runService } = await import('../service/run-service.ts');
    const given: GivenOptions = Object.fromEntries(
      Object.entries(SETTING_OF).flatMap(([name, setting]) => {
        const value = values[name as keyof typeof SETTING_OF];
        return value === undefined ? [] : [[setting, { option: `--${name}`, value }]];
      }),
    );
    return (await runService(process.env, given)) ? EXIT.done : EXIT.failed;
  },
});
