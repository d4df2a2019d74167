import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ServedModel } from '../../wire/model.ts';
import type { StatisticsStore } from '../api/statistics-store.ts';
import { count } from '../format.ts';
import { HelpDialog } from '../keyboard/help-dialog.tsx';
import { type Action, MOST_KEYED_LABELS } from '../keyboard/keymap.ts';
import { useKeySettings } from '../keyboard/use-key-settings.ts';
import { useShortcuts } from '../keyboard/use-shortcuts.ts';
import { resizeRuleOf, seenPart } from '../pictures/map-area.ts';
import type { PictureStore } from '../pictures/picture-store.ts';
import { PictureViewer, zoomedIn, zoomedOut } from '../pictures/picture-viewer.tsx';
import { usePictures } from '../pictures/use-pictures.ts';
import type { Runner } from '../session/runner.ts';
import { useActivity } from '../session/use-activity.ts';
import { useStore } from '../use-store.ts';
import { AnswerPanel } from './answer-panel.tsx';
import { SEARCH_BOX } from './label-search.tsx';
import { ModelChanged } from './model-changed.tsx';
import { NoItem } from './no-item.tsx';
import { openNote } from './note-box.tsx';
import { Notices } from './notices.tsx';
import { useAnswering } from './use-answering.ts';

export interface ReviewViewProps {
  readonly runner: Runner;
  readonly pictures: PictureStore;
  readonly model: ServedModel;
  readonly statistics: StatisticsStore;
}

/** One item at a time, to be labelled. */
export function ReviewView({ runner, pictures, model, statistics }: ReviewViewProps) {
  const session = useStore(runner.session);
  const settings = useKeySettings(model.name, model.labels.length);
  const [zoom, setZoom] = useState(1);
  const [mapShown, setMapShown] = useState(false);
  const [helpShown, setHelpShown] = useState(false);
  const shownLabels = useRef<readonly string[]>([]);

  const [held, ...ahead] = session.held;
  const item = held?.item ?? null;
  const { recent, answer, choose, move } = useAnswering(runner, held, model, settings.submitAtOnce);

  const paths = session.held.map((one) => one.item.image_href);
  const [picture] = usePictures(pictures, paths);
  // Maps cost forward passes: they are measured only for those who look at them, the next one ahead.
  const mapItems = mapShown ? [item, ahead[0]?.item].filter((one) => one !== null && one !== undefined) : [];
  const [map] = usePictures(
    pictures,
    mapItems.map((one) => one.sensitivity_map_href),
  );

  const undo = (): void => {
    runner.dispatch({ on: 'undo' });
  };
  const toggleMap = (): void => {
    setMapShown(!mapShown);
  };
  const showHelp = (): void => {
    setHelpShown(true);
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
      case 'none_of_these':
      case 'unreadable':
      case 'discard':
        answer(action, event.timeStamp);
        return;
      case 'undo':
        undo();
        return;
      case 'map':
        toggleMap();
        return;
      case 'help':
        showHelp();
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
      case 'next':
        move(
          model.labels.length <= MOST_KEYED_LABELS ? model.labels : shownLabels.current,
          action === 'next' ? 1 : -1,
        );
    }
  };
  useShortcuts(settings.keymap, perform);

  useLayoutEffect(() => {
    setZoom(1);
  }, [item?.id]);
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
        runner.dispatch({ on: 'close_notice' });
      }}
    />
  );

  if (item !== null && item.model_digest !== model.digest) {
    return (
      <main class="centred">
        {notices}
        <ModelChanged />
      </main>
    );
  }

  if (held === undefined) {
    return (
      <main class="centred">
        {notices}
        <NoItem session={session} statistics={statistics} onUndo={undo} />
        {help}
      </main>
    );
  }

  return (
    <main class="review">
      <h1 class="unseen">Label images</h1>
      <div class="picture-area">
        <PictureViewer
          picture={picture ?? { state: 'loading' }}
          map={mapShown ? (map ?? { state: 'loading' }) : null}
          covers={covers}
          zoom={zoom}
          onZoom={setZoom}
          name="The image to label"
        />
        {notices}
      </div>
      <AnswerPanel
        held={held}
        model={model}
        recent={recent}
        mapShown={mapShown}
        keymap={settings.keymap}
        onChoose={choose}
        onNote={(text) => {
          runner.dispatch({ on: 'note', text });
        }}
        onShown={(labels) => {
          shownLabels.current = labels;
        }}
        onAnswer={answer}
        onUndo={undo}
        onToggleMap={toggleMap}
        onHelp={showHelp}
      />
      <p class="unseen" role="status">
        {`Image ${count(session.undoable.length + session.outbox.length + 1)} of this sitting.`}
      </p>
      {help}
    </main>
  );
}
