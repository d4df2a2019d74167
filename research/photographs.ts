/**
 * What are gates and signals worth on a thousand classes? `sensigate evaluate` or `calibrate` on MobileNetV2
 * and the labelled photographs beside this checkout.
 *
 *     node research/photographs.ts (evaluate | calibrate) [options of that command]
 */
import { calibrate } from '../src/commands/calibrate.ts';
import { evaluate } from '../src/commands/evaluate.ts';
import { loadThirdParty } from '../support/third-party-models.ts';
import { sharedData } from '../bench/harness.ts';
import { writePhotographTable } from './photograph-table.ts';

if (sharedData === null)
  throw new Error('expected ../shared/data beside this checkout, with the photographs');
const [name, ...options] = process.argv.slice(2);
const command = name === 'evaluate' ? evaluate : name === 'calibrate' ? calibrate : null;
if (command === null) throw new Error(`expected evaluate or calibrate, got ${name ?? 'nothing'}`);
const { folder } = await loadThirdParty('mobilenetv2');
const table = await writePhotographTable(sharedData, folder);
process.exitCode = await command.run(['--model', folder, '--data', table, ...options]);
