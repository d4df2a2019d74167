/**
 * What are the signals worth on a thousand classes? `sensigate evaluate` on MobileNetV2 and the labelled photographs beside this checkout,
 * with whatever options follow.
 */
import { join } from 'node:path';
import { evaluate } from '../src/commands/evaluate.ts';
import { loadThirdParty } from '../test/third-party-models.ts';
import { sharedData } from './harness.ts';

if (sharedData === null)
  throw new Error('expected ../shared/data beside this checkout, with the photographs');
const { folder } = await loadThirdParty('mobilenetv2');
const data = join(sharedData, 'imagenet/labels.csv');
process.exitCode = await evaluate(['--model', folder, '--data', data, ...process.argv.slice(2)]);
