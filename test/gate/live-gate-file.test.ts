import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { GateFile } from '../../src/gate/gate.ts';
import { DEFAULT_PLAN } from '../../src/gate/measurement-plan.ts';
import { type LiveGateFile, openLiveGateFile } from '../../src/gate/live-gate-file.ts';
import { UNPROVEN } from '../../support/unproven-gate.ts';

const digest = `sha256:${'1'.repeat(64)}`;

/** A gate file with this threshold. */
function gateText(threshold: number, modelDigest = digest): string {
  const file: GateFile = {
    format: 1,
    signal: 'sensitivity',
    threshold,
    confidence_floor: null,
    sensitivity_limit: null,
    familiarity: null,
    show_prediction: false,
    model: { name: 'm', digest: modelDigest },
    measurement: DEFAULT_PLAN,
    risk: null,
    calibration: UNPROVEN,
  };
  return JSON.stringify(file);
}

interface Watched {
  readonly folder: string;
  readonly path: string;
  readonly file: LiveGateFile;
  /** What happened: thresholds taken, codes refused. */
  readonly events: (number | string)[];
  /** What happens while the file settles. */
  meanwhile: () => Promise<void>;
}

/** Opens a gate file that holds `text`, or none. */
async function watched(t: TestContext, text: string | null, path?: string): Promise<Watched> {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-gate-'));
  t.after(() => rm(folder, { recursive: true }));
  const at = path ?? join(folder, 'gate.json');
  if (text !== null) await writeFile(at, text);
  const events: (number | string)[] = [];
  const watch: { -readonly [name in keyof Watched]: Watched[name] } = {
    folder,
    path: at,
    events,
    meanwhile: () => Promise.resolve(),
    file: await openLiveGateFile({
      path: at,
      modelDigest: digest,
      settle: () => watch.meanwhile(),
      onTaken: ({ threshold }) => events.push(threshold),
      onRefused: ({ code }) => events.push(code),
    }),
  };
  return watch;
}

const thresholdOf = ({ file }: Watched): number | null => file.inUse.gate?.threshold ?? null;

describe('a gate file that is replaced', () => {
  it('is taken, and what was in use before is told', async (t) => {
    const watch = await watched(t, gateText(0.5));
    assert.equal(thresholdOf(watch), 0.5);
    await writeFile(watch.path, gateText(0.7));
    assert.equal(thresholdOf(watch), 0.5);
    await watch.file.check();
    assert.equal(thresholdOf(watch), 0.7);
    assert.deepEqual(watch.events, [0.7]);
  });

  for (const [what, text, code] of [
    ['is no JSON', '{', 'bad_gate'],
    ['has a field too many', gateText(0.7).replace('{', '{"extra": 1,'), 'bad_gate'],
    ['has a threshold that no norm can have', gateText(-1), 'bad_gate'],
    ['was made for another model', gateText(0.7, `sha256:${'2'.repeat(64)}`), 'gate_for_another_model'],
    ['is empty', '', 'bad_gate'],
  ] as const) {
    it(`is refused where it ${what}: the old gate decides on, and it is told once`, async (t) => {
      const watch = await watched(t, gateText(0.5));
      await writeFile(watch.path, text);
      await watch.file.check();
      await watch.file.check();
      assert.equal(thresholdOf(watch), 0.5);
      assert.deepEqual(watch.events, [code]);
      assert.equal(watch.file.inUse.refused?.code, code);
    });
  }

  it('is refused where it is larger than any gate, without being read', async (t) => {
    const watch = await watched(t, gateText(0.5));
    await truncate(watch.path, 2 ** 40);
    await watch.file.check();
    assert.deepEqual([thresholdOf(watch), ...watch.events], [0.5, 'bad_gate']);
    assert.match(watch.file.inUse.refused!.message, /at most 1048576 bytes .* got 1099511627776/);
  });

  it('is refused where it is gone, and taken when another comes', async (t) => {
    const watch = await watched(t, gateText(0.5));
    await rm(watch.path);
    await watch.file.check();
    assert.deepEqual([thresholdOf(watch), watch.file.inUse.refused?.code], [0.5, 'missing_gate']);
    await writeFile(watch.path, gateText(0.6));
    await watch.file.check();
    assert.deepEqual(watch.events, ['missing_gate', 0.6]);
    assert.equal(watch.file.inUse.refused, null);
  });

  it('is no change where the old one is put back after a bad one', async (t) => {
    const watch = await watched(t, gateText(0.5));
    for (const text of ['{', gateText(0.5)]) {
      await writeFile(watch.path, text);
      await watch.file.check();
    }
    assert.deepEqual(watch.events, ['bad_gate']);
    assert.equal(watch.file.inUse.refused, null);
  });

  it('is no change where it says the same otherwise', async (t) => {
    const watch = await watched(t, gateText(0.5));
    await writeFile(watch.path, JSON.stringify(JSON.parse(gateText(0.5)), null, 2));
    await watch.file.check();
    assert.deepEqual(watch.events, []);
  });

  it('waits until it is written to its end', async (t) => {
    const watch = await watched(t, gateText(0.5));
    const text = gateText(0.7);
    await writeFile(watch.path, text.slice(0, 100));
    watch.meanwhile = () => writeFile(watch.path, text);
    await watch.file.check();
    assert.deepEqual(watch.events, []);
    watch.meanwhile = () => Promise.resolve();
    await watch.file.check();
    assert.deepEqual(watch.events, [0.7]);
  });

  it('is taken as Kubernetes replaces a ConfigMap, by turning round a symlink', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'sensigate-volume-'));
    t.after(() => rm(folder, { recursive: true }));
    const write = async (version: string, threshold: number): Promise<void> => {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'gate.json'), gateText(threshold));
      await symlink(version, join(folder, '..data_tmp'));
      await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    await write('..2026_11_25', 0.5);
    await symlink('..data/gate.json', join(folder, 'gate.json'));
    const watch = await watched(t, null, join(folder, 'gate.json'));
    assert.equal(thresholdOf(watch), 0.5);
    await write('..2026_11_26', 0.7);
    await watch.file.check();
    assert.deepEqual(watch.events, [0.7]);
  });
});

describe('a service without a gate', () => {
  it('takes the first valid one that appears', async (t) => {
    const watch = await watched(t, null);
    assert.deepEqual([watch.file.inUse.gate, watch.file.inUse.error?.code], [null, 'missing_gate']);
    await watch.file.check();
    await writeFile(watch.path, '{');
    await watch.file.check();
    assert.equal(watch.file.inUse.error?.code, 'bad_gate');
    await writeFile(watch.path, gateText(0.7));
    await watch.file.check();
    assert.equal(thresholdOf(watch), 0.7);
    assert.equal(watch.file.inUse.error, null);
    assert.deepEqual(watch.events, ['bad_gate', 0.7]);
  });
});

describe('checks at once', () => {
  it('are one', async (t) => {
    const watch = await watched(t, gateText(0.5));
    await writeFile(watch.path, gateText(0.7));
    await Promise.all([watch.file.check(), watch.file.check(), watch.file.check()]);
    assert.deepEqual(watch.events, [0.7]);
  });
});
