import { useState } from 'preact/hooks';
import type { Api } from '../api/api.ts';
import { Dialog } from '../frame/dialog.tsx';
import { findingWords, percent, words } from '../format.ts';
import type { PictureStore } from '../pictures/picture-store.ts';
import { resizeRuleOf, seenPart } from '../pictures/map-area.ts';
import type { ServedModel } from '../../wire/model.ts';
import type { LeadItem } from '../../wire/review-items.ts';
import { PictureViewer } from '../pictures/picture-viewer.tsx';
import type { StatisticsStore } from '../api/statistics-store.ts';
import { usePictures } from '../pictures/use-pictures.ts';
import { ItemHistory } from './item-history.tsx';
import { ReassignForm } from './reassign-form.tsx';
import { SettleForm } from './settle-form.tsx';

export interface ItemPanelProps {
  readonly api: Api;
  readonly item: LeadItem;
  readonly model: ServedModel;
  readonly pictures: PictureStore;
  readonly statistics: StatisticsStore;
  /** The item is not as it was. */
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

/** All there is about one item. */
export function ItemPanel({ api, item, model, pictures, statistics, onChanged, onClose }: ItemPanelProps) {
  const [zoom, setZoom] = useState(1);
  const [mapShown, setMapShown] = useState(false);
  const [changes, setChanges] = useState(0);
  const [picture, map] = usePictures(pictures, [
    item.image_href,
    ...(mapShown ? [item.sensitivity_map_href] : []),
  ]);
  const input = map?.state === 'ready' ? map.bitmap : { width: 1, height: 1 };
  const decided = item.state === 'labelled' || item.state === 'discarded';

  return (
    <Dialog title={`Item ${item.id}`} className="item-panel" onClose={onClose}>
      <div class="item-image">
        <PictureViewer
          picture={picture ?? { state: 'loading' }}
          map={mapShown ? (map ?? { state: 'loading' }) : null}
          covers={(image) => seenPart(image, input, resizeRuleOf(model.input))}
          zoom={zoom}
          onZoom={setZoom}
          name={`Image of item ${item.id}`}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={mapShown}
            onChange={(event) => {
              setMapShown(event.currentTarget.checked);
            }}
          />
          Sensitivity map
        </label>
      </div>
      <div class="item-facts">
        <dl class="facts">
          <Fact name="State" value={item.state} />
          <Fact name="Reasons" value={item.reasons.map(words).join(', ')} />
          <Fact name="Stream" value={item.stream} />
          <Fact name="Final label" value={item.label} />
          <Fact name="Found" value={item.state === 'discarded' ? findingWords(item.finding) : null} />
          <Fact name={decided ? 'Answered by' : 'Held by'} value={item.reviewer} />
          <Fact name="Assigned to" value={item.assigned_to} />
          <Fact
            name="Prediction"
            value={
              item.prediction === null
                ? 'none'
                : `${item.prediction.label}, ${percent(item.prediction.probability)}`
            }
          />
          <Fact
            name="Sensitivity"
            value={item.sensitivity === null ? 'not measured' : item.sensitivity.toPrecision(3)}
          />
          <Fact name="Strange" value={item.strange.length === 0 ? null : item.strange.join(', ')} />
          <Fact name="Note" value={item.note} />
        </dl>
        {item.opinions.length > 0 && (
          <>
            <h3>Opinions</h3>
            <ul class="opinions">
              {item.opinions.map(({ reviewer, label, finding, note }) => (
                <li key={reviewer}>
                  <strong>{label ?? findingWords(finding)}</strong> {reviewer}
                  {note !== null && <em>{note}</em>}
                </li>
              ))}
            </ul>
          </>
        )}
        {!decided && item.opinions.length > 0 && (
          <SettleForm
            api={api}
            item={item}
            labels={model.labels}
            onDone={() => {
              setChanges(changes + 1);
              onChanged();
            }}
          />
        )}
        {!decided && (
          <ReassignForm
            api={api}
            item={item}
            statistics={statistics}
            onDone={() => {
              setChanges(changes + 1);
              onChanged();
            }}
          />
        )}
        <ItemHistory api={api} id={item.id} changes={changes} />
      </div>
    </Dialog>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string | null }) {
  if (value === null || value === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
