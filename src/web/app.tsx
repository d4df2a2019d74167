import { useEffect, useState } from 'preact/hooks';
import type { Api } from './api/api.ts';
import { Refusal } from './api/api-error.ts';
import { midnight } from './format.ts';
import type { PictureStore } from './pictures/picture-store.ts';
import { LeadView } from './lead/lead-view.tsx';
import { ReviewView } from './reviewing/review-view.tsx';
import type { Runner } from './session/runner.ts';
import type { ServedModel } from '../wire/model.ts';
import { SignIn } from './frame/sign-in.tsx';
import { storedKey, storeKey } from './frame/sign-in-key.ts';
import type { StatisticsStore } from './api/statistics-store.ts';
import { TopBar } from './frame/top-bar.tsx';
import { useAddressHash } from './frame/use-address-hash.ts';
import { useStore } from './use-store.ts';

export interface AppProps {
  readonly api: Api;
  readonly runner: Runner;
  readonly pictures: PictureStore;
  readonly statistics: StatisticsStore;
}

/** How far the page has come with the service. */
type Access =
  | { readonly state: 'asking' }
  | { readonly state: 'away' }
  /** Without keys none is asked for: the service answers at once. */
  | { readonly state: 'key_needed'; readonly why: string | null }
  | { readonly state: 'open'; readonly lead: boolean; readonly model: ServedModel };

const RETRY_MS = 2_000;

export function App({ api, runner, pictures, statistics }: AppProps) {
  const [access, setAccess] = useState<Access>({ state: 'asking' });
  const session = useStore(runner.session);
  const hash = useAddressHash();

  /** @returns Whether the service lets this key in. */
  const enter = async (): Promise<boolean> => {
    try {
      const [figures, model] = await Promise.all([api.statistics(midnight(new Date())), api.model()]);
      statistics.set(figures);
      setAccess({ state: 'open', lead: figures.reviewers !== undefined, model });
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) {
        setAccess({ state: 'away' });
        setTimeout(() => void enter(), RETRY_MS);
        return false;
      }
      const why =
        error.status === 403
          ? 'This key may not review: it lacks the scope “review”.'
          : storedKey() === null
            ? null
            : 'The service does not know this key.';
      setAccess({ state: 'key_needed', why });
      return false;
    }
  };

  useEffect(() => void enter(), []);

  const signedOut = session.phase === 'signed_out';
  const view = access.state !== 'open' || signedOut ? null : hash === '#lead' ? 'lead' : 'review';

  useEffect(() => {
    if (view === 'review') runner.dispatch({ on: 'start' });
    else if (view === 'lead') runner.dispatch({ on: 'leave' });
  }, [view]);
  useEffect(() => (view === null ? undefined : statistics.watch()), [view]);
  useEffect(statistics.refresh, [session.undoable]);

  const signIn = async (key: string): Promise<void> => {
    storeKey(key);
    const isIn = await enter();
    // Work goes on where the old key was refused.
    if (isIn && runner.session.get().phase === 'signed_out')
      runner.dispatch({ on: location.hash === '#lead' ? 'leave' : 'start' });
  };
  const signOut = (): void => {
    runner.dispatch({ on: 'leave' });
    storeKey(null);
    setAccess({ state: 'key_needed', why: null });
  };

  if (access.state === 'asking') return <p class="waiting">Sensigate</p>;
  if (access.state === 'away')
    return (
      <p class="waiting" role="status">
        The service does not answer. Trying again …
      </p>
    );
  if (access.state === 'key_needed' || session.phase === 'signed_out') {
    const kept = session.outbox.length + session.held.length;
    const why =
      access.state === 'key_needed' ? access.why : 'The service no longer takes the key. Sign in again.';
    return <SignIn why={why} kept={signedOut ? kept : 0} onKey={signIn} />;
  }
  return (
    <>
      <TopBar
        statistics={statistics}
        view={view ?? 'review'}
        lead={access.lead}
        onSignOut={storedKey() === null ? null : signOut}
      />
      {view === 'lead' ? (
        <LeadView
          api={api}
          model={access.model}
          pictures={pictures}
          statistics={statistics}
          allowed={access.lead}
          hasKeys={storedKey() !== null}
        />
      ) : (
        <ReviewView runner={runner} pictures={pictures} model={access.model} statistics={statistics} />
      )}
    </>
  );
}
