import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../support/free-port.ts';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** The latest one. */
  readonly value: number;
}

export interface Prometheus {
  /** What a query gives now. */
  query(expr: string): Promise<readonly Series[]>;
  /** Names of alerts that fire. */
  firing(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly { metric: Record<string, string>; value: [number, string] }[];
    readonly alerts: readonly { labels: { alertname: string }; state: string }[];
  };
}

const deploy = new URL('../../deploy/', import.meta.url);

/**
 * A Prometheus of this machine with `deploy/prometheus.yml` as it is, but for the address of the service and
 * how often it is asked.
 */
export async function startPrometheus(configText: string, service: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'sensigate-prometheus-'));
  const port = await freePort();
  const config = parse(configText) as {
    global: Record<string, string>;
    rule_files: string[];
    alerting?: unknown;
    scrape_configs: { static_configs: { targets: string[] }[] }[];
  };
  config.global = { scrape_interval: '1s', evaluation_interval: '1s' };
  config.rule_files = config.rule_files.map((file) => fileURLToPath(new URL(file, deploy)));
  delete config.alerting;
  config.scrape_configs[0]!.static_configs[0]!.targets = [service];
  const file = join(folder, 'prometheus.yml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  const child: ChildProcess = spawn(
    'prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.once('error', () => {
      resolve();
    });
  });
  const url = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || child.pid === undefined) throw new Error(`Prometheus ended: ${said}`);
    await sleep(50);
  }
  const ask = async (path: string): Promise<Answer['data']> => {
    const { status, error, data } = (await (await fetch(url + path)).json()) as Answer;
    if (status !== 'success') throw new Error(`${path}: ${error ?? status}`);
    return data;
  };
  return {
    query: async (expr) => {
      const { result } = await ask(`/api/v1/query?query=${encodeURIComponent(expr)}`);
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    firing: async () => {
      const { alerts } = await ask('/api/v1/alerts');
      return alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname);
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
