import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import { ConfigError, readConfig } from '../src/config.ts';

const MIB = 1024 * 1024;

describe('the bounds on uploads', () => {
  it('are 20 MiB for one and 256 MiB for all together where nothing is said', () => {
    const { MAX_BODY_BYTES, MAX_INFLIGHT_BYTES } = readConfig({});
    assert.deepEqual([MAX_BODY_BYTES, MAX_INFLIGHT_BYTES], [20 * MIB, 256 * MIB]);
  });

  it('may be the same', () => {
    const bytes = String(300 * MIB);
    const config = readConfig({ MAX_BODY_BYTES: bytes, MAX_INFLIGHT_BYTES: bytes });
    assert.equal(config.MAX_INFLIGHT_BYTES, 300 * MIB);
  });

  it('are refused where the largest body would never be taken', () => {
    for (const environment of [{ MAX_INFLIGHT_BYTES: '100000' }, { MAX_BODY_BYTES: String(257 * MIB) }]) {
      assert.throws(
        () => readConfig(environment),
        (error) => error instanceof ConfigError && /MAX_INFLIGHT_BYTES=.*MAX_BODY_BYTES=/.test(error.message),
      );
    }
  });
});

describe('the engine', () => {
  it('has all cores, however many processes share them', () => {
    const cores = availableParallelism();
    assert.deepEqual(
      [{}, { ENGINE_PROCESSES: '1' }, { ENGINE_PROCESSES: '1', ENGINE_THREADS: '3' }].map(
        (environment) => readConfig(environment).ENGINE_THREADS,
      ),
      [Math.max(1, Math.floor(cores / Math.min(8, cores))), cores, 3],
    );
  });
});
