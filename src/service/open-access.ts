import type { Settings } from './settings.ts';
import { anyOf, type VerifyToken } from '../access/authenticate.ts';
import { createJwtVerifier } from '../access/jwt.ts';
import { type LiveApiKeys, openApiKeys } from '../access/live-api-keys.ts';
import type { Trail } from '../store/trail.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** Every so often the file of keys is compared with what it was: within five seconds, also when busy. */
const KEYS_CHECK_MS = 4_000;

export interface Access {
  /** Null where there are neither keys nor JWTs: the service then listens on loopback alone. */
  readonly verify: VerifyToken | null;
  /** Null without a file of keys. */
  readonly keys: LiveApiKeys | null;
}

/**
 * Who may call, by the settings.
 *
 * @throws ApiKeysError
 */
export async function openAccess(settings: Settings, log: Log): Promise<Access> {
  const { API_KEYS_FILE, JWKS_URL, JWT_ISSUER, JWT_AUDIENCE } = settings;
  const keys = API_KEYS_FILE === undefined ? null : await openApiKeys(API_KEYS_FILE, Date.now);
  const jwt =
    JWKS_URL === undefined || JWT_ISSUER === undefined || JWT_AUDIENCE === undefined
      ? null
      : createJwtVerifier({
          jwksUrl: JWKS_URL,
          issuer: JWT_ISSUER,
          audience: JWT_AUDIENCE,
          now: Date.now,
          onUnavailable: (err) => {
            log.error({ err, url: JWKS_URL }, 'the keys of JWTs cannot be had: JWTs are answered 503');
          },
        });
  return { verify: anyOf(keys?.verify ?? null, jwt), keys };
}

export interface KeyWatch {
  /** Looks now; resolves when what was found is in force. */
  check(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Takes the file of keys again whenever it changes, and writes each change to the audit trail.
 *
 * A key that was taken out stops working whether or not the trail can be written just then: what is not
 * written yet is written at a later look.
 *
 * @param keys Null where there is no file; that, too, is written once.
 */
export function watchApiKeys(
  keys: LiveApiKeys | null,
  { trail, log, metrics }: { readonly trail: Trail; readonly log: Log; readonly metrics: Metrics },
  everyMs = KEYS_CHECK_MS,
): KeyWatch {
  let written = false;

  const write = async (): Promise<void> => {
    if (written) return;
    try {
      await trail.recordChange({ act: 'keys_changed', state: keys?.describe() ?? null });
      written = true;
    } catch (err) {
      log.warn({ err }, 'the change of API keys is not in the audit trail yet; it is tried again');
    }
  };

  const look = async (): Promise<void> => {
    const reload = (await keys?.reload()) ?? { outcome: 'unchanged' };
    metrics.setKeysRefused(keys?.isRefused() ?? false);
    if (reload.outcome === 'refused') {
      metrics.countKeysReload('refused');
      const said = `${reload.error.message}\nThe keys from before stay good until the file holds.`;
      log.error({ problem: said }, 'the changed file of API keys is refused');
    }
    if (reload.outcome === 'taken') {
      metrics.countKeysReload('taken');
      log.info({ keys: keys?.describe().map(({ id }) => id) }, 'the changed file of API keys is taken');
      written = false;
      tellExpired(keys, log);
    }
    await write();
  };

  tellExpired(keys, log);
  // One look after the other, so that of two the later has the last word.
  let last = Promise.resolve();
  const check = (): Promise<void> =>
    (last = last.then(look).catch((err: unknown) => {
      log.error({ err }, 'the file of API keys could not be looked at');
    }));
  void check();
  const timer = setInterval(() => void check(), everyMs);
  const onHangup = (): void => void check();
  // SIGHUP never ends the service: it has the gate looked at, and the keys where there is a file of them.
  if (keys !== null) process.on('SIGHUP', onHangup);
  return {
    check,
    stop: async () => {
      clearInterval(timer);
      process.off('SIGHUP', onHangup);
      await last;
    },
  };
}

function tellExpired(keys: LiveApiKeys | null, log: Log): void {
  const expired = keys?.expired() ?? [];
  if (expired.length > 0) log.warn({ keys: expired }, 'these API keys have expired and can be taken out');
}
