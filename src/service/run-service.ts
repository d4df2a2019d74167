import { drain, endConnectionsAfterAnswers } from '../fronts/http/server/drain.ts';
import type { HttpServer } from '../fronts/http/server/server.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { assemble } from './assemble.ts';
import { listen, urlOf } from './listen.ts';
import { createReleases, type Releases } from './releases.ts';
import { misspeltSettings, warningOf } from './misspelt-settings.ts';
import { type Environment, type GivenOptions, readSettings, type Settings } from './settings.ts';
import { CLOSE_MS, listenForStop, type Stop, Stopped } from './stop.ts';

/**
 * Runs the service until it is asked to stop. What was opened is released last-opened-first, once.
 *
 * @param options What the command line says, which wins over the environment.
 * @returns Whether every request that had arrived whole was answered; true also where the service was stopped
 * while it started. docs/operations.md, "Stopping".
 * @throws SettingsError, ListenError, and what opening model, gate, keys or database throws
 */
export async function runService(environment: Environment, options: GivenOptions): Promise<boolean> {
  const stop = listenForStop();
  const releases = createReleases();
  try {
    const settings = readSettings(environment, options);
    const log = createLog(settings.LOG_LEVEL);
    for (const misspelt of misspeltSettings(environment)) log.warn(misspelt, warningOf(misspelt));
    void stop.asked.then(() => {
      endInTime(settings, log);
    });
    return await serve(settings, log, stop, releases).catch((error: unknown) => {
      if (!(error instanceof Stopped)) throw error;
      log.info(error.message);
      return true;
    });
  } finally {
    await releases.run();
    stop.close();
  }
}

/**
 * Whatever still hangs then, such as a database that does not answer, has nothing that was promised to
 * anyone.
 */
function endInTime({ SHUTDOWN_DELAY_MS, SHUTDOWN_GRACE_MS }: Settings, log: Log): void {
  const timer = setTimeout(
    () => {
      log.error('stopping takes too long: ending now');
      process.exit(1);
    },
    SHUTDOWN_DELAY_MS + SHUTDOWN_GRACE_MS + CLOSE_MS,
  );
  timer.unref();
}

async function serve(settings: Settings, log: Log, stop: Stop, releases: Releases): Promise<boolean> {
  const assembled = await assemble(settings, { log, stop, releases });
  const { model, gate, hasKeys } = assembled;
  const { http, port } = await listen(assembled, settings, log);
  log.info(
    {
      url: urlOf(settings.HOST, port),
      model: model.manifest.name,
      digest: model.digest,
      gate: gate()?.id ?? null,
    },
    hasKeys ? 'listening' : 'listening on loopback only, without keys',
  );
  const signal = await stop.asked;
  log.info({ signal }, 'stopping: not ready any more, finishing requests under way');
  const lost = await finishRequests(http, settings, stop);
  if (lost > 0)
    log.warn({ count: lost }, 'requests were cut off: they had arrived and were not answered in time');
  return lost === 0;
}

/**
 * Serves on for SHUTDOWN_DELAY_MS, then takes no new connection; returns how many requests had to be cut off.
 */
async function finishRequests(http: HttpServer, settings: Settings, stop: Stop): Promise<number> {
  const { SHUTDOWN_DELAY_MS: delayMs, SHUTDOWN_GRACE_MS: graceMs } = settings;
  endConnectionsAfterAnswers(http);
  // Until those who send requests have noticed, they are served.
  await Promise.race([elapsed(delayMs), stop.askedAgain]);
  return drain(http, Promise.race([elapsed(graceMs), stop.askedAgain]));
}

/** Resolves then; nothing waits for it alone. */
function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
