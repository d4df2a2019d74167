import { useEffect, useState } from 'preact/hooks';
import type { Api, ListQuery } from '../api/api.ts';
import { count, moment, percent } from '../format.ts';
import type { PictureStore } from '../pictures/picture-store.ts';
import type { AlarmAnswer, AlarmsAnswer, WatchedAnswer } from '../../wire/alarms.ts';
import type { LeadItem } from '../../wire/review-items.ts';
import { Thumbnail } from './thumbnail.tsx';

const EVERY_MS = 15_000;
/** Of the stream's newest items, those that are shown. */
const SHOWN = 8;

const DOES: Readonly<Record<AlarmsAnswer['on_shift'], string>> = {
  alert: 'Nothing else is done.',
  audit: 'More of its automatic labels are audited.',
  review: 'All its images go to people, and more of the automatic labels of before are audited.',
};

export interface AlarmPanelProps {
  readonly api: Api;
  readonly pictures: PictureStore;
  readonly onOpen: (item: LeadItem) => void;
}

/** Whether images are still like those of calibration, by stream, and what is strange where they are not. */
export function AlarmPanel({ api, pictures, onOpen }: AlarmPanelProps) {
  const [alarms, setAlarms] = useState<AlarmsAnswer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const ask = (): void => {
    // What was known stays until the service answers again.
    api.alarms().then(setAlarms, () => undefined);
  };
  useEffect(() => {
    ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  const end = (alarm: AlarmAnswer, why: string): void => {
    setProblem(null);
    api.endAlarm(alarm.stream, why).then(ask, (error: unknown) => {
      setProblem((error as Error).message);
    });
  };
  const standing = alarms?.alarms.filter(({ ended }) => ended === null) ?? [];
  return (
    <section class="panel alarms" aria-labelledby="alarms-title">
      <h2 id="alarms-title">Change of images</h2>
      {alarms === null ? <p class="hint">Asking …</p> : null}
      {typeof alarms?.reason === 'string' && <p class="hint">{alarms.reason}</p>}
      {alarms !== null && alarms.reason === null && standing.length === 0 && (
        <p>
          <span class="state holding">no alarm</span>
        </p>
      )}
      {alarms !== null &&
        standing.map((alarm) => (
          <Standing
            key={`${alarm.stream ?? ''} ${alarm.raised_at}`}
            {...{ api, alarm, pictures, onOpen, end }}
            does={DOES[alarms.on_shift]}
          />
        ))}
      {problem !== null && <p role="alert">{problem}</p>}
      {alarms?.watched.map((watched) => (
        <Watched key={watched.stream ?? ''} watched={watched} />
      ))}
    </section>
  );
}

interface StandingProps extends AlarmPanelProps {
  readonly alarm: AlarmAnswer;
  readonly does: string;
  readonly end: (alarm: AlarmAnswer, why: string) => void;
}

function Standing({ api, alarm, pictures, does, onOpen, end }: StandingProps) {
  const [why, setWhy] = useState('');
  const { stream, since, finding } = alarm;
  const items = useStrangest(api, alarm);
  return (
    <div class="alarm">
      <p>
        <strong>{stream === null ? 'All images' : `Stream ${stream}`}</strong>{' '}
        <span class="state broken">alarm</span> since {moment(since)}
      </p>
      <p>
        {whatOf(finding)}: {count(finding.happened)} of {count(finding.images)} images (
        {percent(finding.happened / finding.images)}), of calibration’s {percent(finding.usual)} (at most{' '}
        {percent(finding.limit)}). {does}
      </p>
      {items.length > 0 && (
        <ul class="strangest" aria-label="The strangest of its images">
          {items.map((item) => (
            <li key={item.id}>
              <button
                type="button"
                class="card"
                onClick={() => {
                  onOpen(item);
                }}
              >
                <Thumbnail pictures={pictures} path={item.image_href} />
                <span class="card-label">
                  {item.prediction === null ? 'No prediction' : `${item.prediction.label}?`}
                </span>
                {item.strange.length > 0 && <span class="strange">{item.strange.join(', ')}</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (why.trim() !== '') end(alarm, why.trim());
        }}
      >
        <label>
          Why it ends
          <input
            type="text"
            maxLength={1000}
            value={why}
            onInput={(event) => {
              setWhy(event.currentTarget.value);
            }}
          />
        </label>
        <button type="submit" disabled={why.trim() === ''}>
          End alarm
        </button>
      </form>
    </div>
  );
}

/** What has become more frequent, in words. */
function whatOf({ kind, signal, side, cut, label }: AlarmAnswer['finding']): string {
  switch (kind) {
    case 'unfamiliar':
      return 'More images are unfamiliar';
    case 'signal':
      return `More images have ${signal ?? 'a signal'} ${side ?? 'beyond'} ${cut?.toPrecision(3) ?? 'its cut'}`;
    case 'label':
      return `More images are taken for ${label ?? 'one label'}`;
    default:
      return 'Images have changed';
  }
}

function Watched({ watched: { stream, images, progress, follows } }: { readonly watched: WatchedAnswer }) {
  return (
    <>
      <p class="hint">
        {stream ?? 'All'}: {count(images)} looked at, {percent(progress)} of the way to an alarm.
      </p>
      {follows && (
        <p class="hint warning">
          Neighbouring images of {stream ?? 'all streams'} are alike, as frames of a film are: set
          ALARM_SPACING, or false alarms are likelier than said.
        </p>
      )}
    </>
  );
}

/** Items that came since the change and are strange in the way that was found, strangest first. */
function useStrangest(api: Api, { stream, since, finding }: AlarmAnswer): readonly LeadItem[] {
  const [items, setItems] = useState<readonly LeadItem[]>([]);
  useEffect(() => {
    const query: ListQuery = {
      order: 'most_sensitive',
      limit: 100,
      ...(stream === null || stream === 'other' ? {} : { stream }),
      ...(finding.kind === 'unfamiliar' ? { reason: 'unfamiliar' } : {}),
    };
    api.list(query).then(
      (page) => {
        const later = page.items.filter(({ created_at: at }) => at >= since);
        const taken = later.filter(({ prediction }) => prediction?.label === finding.label);
        // Those that were taken for the label may all have been automatic.
        setItems((taken.length > 0 ? taken : later).slice(0, SHOWN));
      },
      () => undefined,
    );
  }, [stream, since, finding.kind, finding.label]);
  return items;
}
