/**
 * The gate file is replaced under load: by gates that decide otherwise, by files that are none, by another
 * model's gate, and by nothing. Every answer must be the one of the gate whose id stands in it; where there
 * is no gate, none may be automatic.
 *
 *     node faults/run.ts gate-swap
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rankDoubt, type StoredPrediction } from './checker.ts';
import type { LoggingClient } from './client-log.ts';
import { BAD_GATES, replaceGate, VALID_GATES, type ValidGate } from './gate-files.ts';
import { attempt, between, check, long, newFolder, pick } from './harness.ts';
import { refusals, startLoad, requireDocumented } from './load.ts';
import { survived } from './report.ts';
import { openScene } from './scene.ts';
import type { RunningService } from './service.ts';

const ROUNDS = long ? 150 : 30;
const CHECK_MS = 100;
/** Far longer than two looks at the file and the slowest answer. */
const TAKEN_WITHIN_MS = 30_000;

const byId = new Map(VALID_GATES.map((gate) => [gate.id, gate]));

/** Sends images until one is answered by this gate; null for none. */
async function decides(client: LoggingClient, id: string | null): Promise<void> {
  const until = performance.now() + TAKEN_WITHIN_MS;
  for (;;) {
    const { status, gate } = await client.predict();
    if (status !== 0 && gate === id) return;
    check(
      performance.now() < until,
      `gate ${id} does not decide ${TAKEN_WITHIN_MS} ms after it was put there`,
    );
  }
}

/** Why a stored answer is not that of the gate it names; null where it is. */
function quarrel({ id, gateId, decision, answer }: StoredPrediction): string | null {
  const { reasons = [] } = answer;
  const gate = gateId === null ? null : byId.get(gateId);
  if (gate === undefined) return `${id} names the gate ${gateId}, which must not have been taken`;
  if (gate === null) {
    const right = decision === 'review' && reasons.includes('uncalibrated');
    return right ? null : `${id} is ${decision} (${reasons.join(', ')}) and names no gate`;
  }
  const { limit, confidenceFloor, cut } = gate.expected;
  if (reasons.includes('uncalibrated')) return `${id} is uncalibrated and names the gate ${gateId}`;
  if (reasons.includes('over_budget') || reasons.includes('not_measurable')) return null;
  const confidence = Number(answer.signals?.confidence);
  if (reasons.includes('unconfident') !== confidence < confidenceFloor)
    return `${id}: confidence ${confidence}, floor ${confidenceFloor}, reasons ${reasons.join(', ')}`;
  const { value, interval } = answer.sensitivity ?? {};
  const highest = Number(interval?.[1] ?? value);
  if (reasons.includes('sensitive') && highest <= limit && rankDoubt(answer, gate.expected) === null)
    return `${id}: at most ${highest} sensitive, limit ${limit}, and yet sent to review for it`;
  const score = Number(answer.familiarity?.score);
  if (reasons.includes('unfamiliar') !== (cut !== null && !(score <= cut)))
    return `${id}: familiarity ${score}, cut ${cut}, reasons ${reasons.join(', ')}`;
  return null;
}

await attempt(async () => {
  const path = join(await newFolder(), 'gate.json');
  const scene = await openScene(null, { gates: (id) => byId.get(id ?? '')?.expected ?? null });
  const { client } = scene;
  const start = (): Promise<RunningService> =>
    scene.start({ environment: { GATE_FILE: path, GATE_CHECK_MS: String(CHECK_MS) } });

  // Without a gate from the start on, and whatever bad file comes instead of one.
  let service = await start();
  const load = startLoad(client, 12, 2);
  const putBad = async (): Promise<void> => {
    await replaceGate(path, pick(Object.values(BAD_GATES)));
    if (pick([true, false])) service.kill('SIGHUP');
    await sleep(between(0, 3 * CHECK_MS));
  };
  for (let i = 0; i < 4; i++) await putBad();
  await decides(client, null);

  let gate: ValidGate = pick(VALID_GATES);
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    gate = pick(VALID_GATES.filter((other) => other !== gate));
    await replaceGate(path, gate.text);
    if (pick([true, false])) service.kill('SIGHUP');
    // Some are gone before anybody has looked at them.
    if (between(0, 1) < 0.2) continue;
    await decides(client, gate.id);
    if (pick([true, false])) {
      await putBad();
      refused++;
      // The gate that was proven goes on.
      await decides(client, gate.id);
    }
  }

  // A restart finds a bad file only, and so no gate; the next good one is taken without another.
  await replaceGate(path, BAD_GATES['of another model']!);
  await service.stop();
  service = await start();
  await decides(client, null);
  await replaceGate(path, gate.text);
  await decides(client, gate.id);
  await load.stop();
  await service.stop();
  requireDocumented(load.answers);

  const { predictions } = await scene.stored();
  const wrong = predictions.map(quarrel).filter((why) => why !== null);
  check(
    wrong.length === 0,
    `${wrong.length} answers are not their gate's:\n  ${wrong.slice(0, 20).join('\n  ')}`,
  );
  const named = Map.groupBy(predictions, ({ gateId }) => gateId);
  const counts = [null, ...byId.keys()].map((id) => {
    const { length } = named.get(id) ?? [];
    check(length > 0, `nothing was answered by ${id ?? 'no gate'}, so that says nothing`);
    return `${length} by ${id?.slice(0, 4) ?? 'none'}`;
  });
  survived({
    fault: 'gate file replaced',
    done: `${ROUNDS} times, ${refused} bad files, a restart without`,
    found: await scene.examine(),
    note: `${counts.join(', ')}; ${refusals(load.answers)}`,
  });
});
