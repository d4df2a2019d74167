import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ActionButton } from './action-button.tsx';
import { count } from '../format.ts';
import { HelpDialog } from '../keyboard/help-dialog.tsx';
import type { ImageStore } from '../pictures/picture-store.ts';
import { Key } from '../keyboard/key-cap.tsx';
import { type Action, MOST_KEYED_LABELS } from '../keyboard/keymap.ts';
import { LabelList } from './label-list.tsx';
import { suggested, used } from './label-order.ts';
import { LabelSearch, SEARCH_BOX } from './label-search.tsx';
import { NoteBox, openNote } from './note-box.tsx';
import { Notices } from './notices.tsx';
import { resizeRuleOf, seenPart } from '../pictures/map-area.ts';
import { OtherModel } from './model-changed.tsx';
import { Predictions } from './predictions.tsx';
import { Resting } from './no-item.tsx';
import type { Event } from '../session/state.ts';
import type { Runner } from '../session/runner.ts';
import type { Model } from '../api/shapes.ts';
import { Stage, zoomedIn, zoomedOut } from '../pictures/picture-viewer.tsx';
import type { StatisticsStore } from '../api/statistics-store.ts';
import { markAnswer } from './next-image-timing.ts';
import { useActivity } from '../session/use-activity.ts';
import { usePictures } from '../pictures/use-pictures.ts';
import { useSettings } from '../keyboard/use-key-settings.ts';
import { useShortcuts } from '../keyboard/use-shortcuts.ts';
import { useStore } from '../use-store.ts';

export interface ReviewViewProps {
  readonly runner: Runner;
  readonly pictures: ImageStore;
  readonly model: Model;
  readonly statistics: StatisticsStore;
}

/** One item at a time, to be labelled. */
export function ReviewView({ runner, pictures, model, statistics }: ReviewViewProps) {
  const session = useStore(runner.session);
  const settings = useSettings(model.name, model.labels.length);
  const [zoom, setZoom] = useState(1);
  const [mapShown, setMapShown] = useState(false);
  const [helpShown, setHelpShown] = useState(false);
  const [recent, setRecent] = useState<readonly string[]>([]);
  const shownLabels = useRef<readonly string[]>([]);
  const side = useRef<HTMLElement>(null);

  const { keymap } = settings;
  const [held, ...ahead] = session.held;
  const item = held?.item ?? null;
  const chosen = held?.draft.label ?? null;
  const keyed = model.labels.length <= MOST_KEYED_LABELS;
  const predicted = item?.prediction?.top.map(({ label }) => label) ?? [];

  const paths = session.held.map((one) => one.item.image_href);
  const [picture] = usePictures(pictures, paths);
  // Maps cost forward passes: they are measured only for those who look at them, the next one ahead.
  const mapItems = mapShown ? [item, ahead[0]?.item].filter((one) => one !== null && one !== undefined) : [];
  const [map] = usePictures(
    pictures,
    mapItems.map((one) => one.sensitivity_map_href),
  );

  const send = (event: Event): void => {
    runner.dispatch(event);
  };
  const answer = (event: Event & { readonly on: 'submit' | 'skip' | 'discard' }, atMs: number): void => {
    if (item === null || item.model_digest !== model.digest) return;
    if (event.on !== 'submit' || chosen !== null) markAnswer(atMs);
    if (event.on === 'submit' && chosen !== null) setRecent(used(recent, chosen));
    send(event);
  };
  const choose = (label: string | undefined, atMs: number): void => {
    if (item === null || label === undefined || item.model_digest !== model.digest) return;
    send({ on: 'choose', label });
    if (!settings.submitAtOnce) return;
    markAnswer(atMs);
    setRecent(used(recent, label));
    send({ on: 'submit' });
  };
  const move = (by: 1 | -1): void => {
    const list = keyed ? model.labels : shownLabels.current;
    const place = chosen === null ? -1 : list.indexOf(chosen);
    const next = place < 0 ? (by > 0 ? 0 : list.length - 1) : (place + by + list.length) % list.length;
    const label = list[next];
    if (label !== undefined) send({ on: 'choose', label });
  };

  const perform = (action: Action, event: KeyboardEvent): void => {
    if (action.startsWith('label:')) {
      choose(model.labels[Number(action.slice('label:'.length))], event.timeStamp);
      return;
    }
    if (action.startsWith('suggestion:')) {
      choose(shownLabels.current[Number(action.slice('suggestion:'.length))], event.timeStamp);
      return;
    }
    switch (action) {
      case 'submit':
      case 'skip':
      case 'discard':
        answer({ on: action }, event.timeStamp);
        return;
      case 'undo':
        send({ on: 'undo' });
        return;
      case 'map':
        setMapShown(!mapShown);
        return;
      case 'help':
        setHelpShown(true);
        return;
      case 'search':
        document.getElementById(SEARCH_BOX)?.focus();
        return;
      case 'note':
        openNote();
        return;
      case 'zoom_in':
        setZoom(zoomedIn);
        return;
      case 'zoom_out':
        setZoom(zoomedOut);
        return;
      case 'previous':
        move(-1);
        return;
      case 'next':
        move(1);
    }
  };
  useShortcuts(keymap, perform);

  useLayoutEffect(() => {
    setZoom(1);
  }, [item?.id]);
  useEffect(() => {
    // Whoever moves through the labels by arrows has the focus follow the choice.
    if (document.activeElement?.matches('[role=radio]') === true)
      side.current?.querySelector<HTMLElement>('[role=radio][aria-checked=true]')?.focus();
  }, [chosen]);
  useActivity(() => {
    runner.dispatch({ on: 'activity' });
  });

  // A map has the size of the model's input.
  const inputSize = map?.state === 'ready' ? map.bitmap : { width: 1, height: 1 };
  const covers = useCallback(
    (image: { readonly width: number; readonly height: number }) =>
      seenPart(image, inputSize, resizeRuleOf(model.input)),
    [map],
  );

  const help = helpShown && (
    <HelpDialog
      settings={settings}
      labels={model.labels}
      onClose={() => {
        setHelpShown(false);
      }}
    />
  );
  const notices = (
    <Notices
      session={session}
      onClose={() => {
        send({ on: 'close_notice' });
      }}
    />
  );

  if (item !== null && item.model_digest !== model.digest) {
    return (
      <main class="resting">
        {notices}
        <OtherModel />
      </main>
    );
  }

  if (held === undefined || item === null) {
    return (
      <main class="resting">
        {notices}
        <Resting
          session={session}
          statistics={statistics}
          onUndo={() => {
            send({ on: 'undo' });
          }}
        />
        {help}
      </main>
    );
  }

  return (
    <main class="review">
      <h1 class="unseen">Label images</h1>
      <div class="seen">
        <Stage
          picture={picture ?? { state: 'loading' }}
          map={mapShown ? (map ?? { state: 'loading' }) : null}
          covers={covers}
          zoom={zoom}
          onZoom={setZoom}
          name="The image to label"
        />
        {notices}
      </div>
      <aside class="side" ref={side} aria-label="Answer">
        <Predictions
          prediction={item.prediction}
          chosen={chosen}
          onChoose={(label) => {
            choose(label, performance.now());
          }}
        />
        {keyed ? (
          <LabelList
            labels={model.labels}
            chosen={chosen}
            keymap={keymap}
            onChoose={(label) => {
              choose(label, performance.now());
            }}
          />
        ) : (
          <LabelSearch
            labels={suggested(model.labels, predicted, recent)}
            chosen={chosen}
            keymap={keymap}
            onChoose={(label) => {
              choose(label, performance.now());
            }}
            onShown={(labels) => {
              shownLabels.current = labels;
            }}
          />
        )}
        <NoteBox
          note={held.draft.note}
          keyName={keymap.keyOf.get('note')}
          onNote={(text) => {
            send({ on: 'note', text });
          }}
        />
        <div class="actions">
          <button
            type="button"
            class="primary submit"
            aria-keyshortcuts={keymap.keyOf.get('submit')}
            aria-disabled={chosen === null}
            onClick={(event) => {
              answer({ on: 'submit' }, event.timeStamp);
            }}
          >
            <span>{chosen === null ? 'Choose a label' : `Submit “${chosen}”`}</span>
            <Key name={keymap.keyOf.get('submit')} />
          </button>
          <ActionButton
            name="Skip"
            keyName={keymap.keyOf.get('skip')}
            onClick={(atMs) => {
              answer({ on: 'skip' }, atMs);
            }}
          />
          <ActionButton
            name="Discard"
            keyName={keymap.keyOf.get('discard')}
            onClick={(atMs) => {
              answer({ on: 'discard' }, atMs);
            }}
          />
          <ActionButton
            name="Undo"
            keyName={keymap.keyOf.get('undo')}
            onClick={() => {
              send({ on: 'undo' });
            }}
          />
          <ActionButton
            name="Map"
            pressed={mapShown}
            keyName={keymap.keyOf.get('map')}
            onClick={() => {
              setMapShown(!mapShown);
            }}
          />
          <ActionButton
            name="Help"
            keyName={keymap.keyOf.get('help')}
            onClick={() => {
              setHelpShown(true);
            }}
          />
        </div>
      </aside>
      <p class="unseen" role="status">
        {`Image ${count(session.undoable.length + session.outbox.length + 1)} of this sitting.`}
      </p>
      {help}
    </main>
  );
}
