import { useEffect, useState } from 'preact/hooks';
import type { Api } from '../api/api.ts';
import { createPictureStore, type PictureStore } from '../pictures/picture-store.ts';
import type { LeadItem } from '../../wire/review-items.ts';
import type { GateAnswer, ServedModel } from '../../wire/model.ts';
import type { StatisticsStore } from '../api/statistics-store.ts';
import { AlarmPanel } from './alarm-panel.tsx';
import { AuditPanel } from './audit-panel.tsx';
import { AnswersChart } from './answers-chart.tsx';
import { Filters, type Filter } from './filters.tsx';
import { Gallery } from './gallery.tsx';
import { ItemPanel } from './item-panel.tsx';
import { AuditChart } from './audit-chart.tsx';
import { QueuePanel } from './queue-panel.tsx';
import { useItems } from './use-items.ts';

export interface LeadViewProps {
  readonly api: Api;
  readonly model: ServedModel;
  /** In full size. */
  readonly pictures: PictureStore;
  readonly statistics: StatisticsStore;
  /** Whether the key has the scope `admin`. */
  readonly allowed: boolean;
  /** Whether callers have keys; without them nobody is kept from anything. */
  readonly hasKeys: boolean;
}

const GATE_EVERY_MS = 15_000;
const KEPT_THUMBNAILS = 400;
const THUMBNAIL_SIDE = 224;

/** The queue as those see it who lead reviewers: all items with their reasons, and whether the gate holds. */
export function LeadView({ api, model, pictures, statistics, allowed, hasKeys }: LeadViewProps) {
  const [thumbnails] = useState(() => createPictureStore(api, KEPT_THUMBNAILS, THUMBNAIL_SIDE));
  const [filter, setFilter] = useState<Filter>({
    ...{ state: '', reason: '', label: '', stream: '' },
    order: 'newest',
  });
  const [openId, setOpenId] = useState<string | null>(null);
  /** An item that an alarm shows, which the list may not have. */
  const [strange, setStrange] = useState<LeadItem | null>(null);
  const gate = useGate(api, allowed);
  const items = useItems(api, filter, allowed);

  if (!allowed)
    return (
      <main class="centred">
        <section class="message">
          <h1>For leads</h1>
          <p>This view needs a key with the scope “admin”.</p>
          <a href="#">Label images</a>
        </section>
      </main>
    );

  const open = items.list.find(({ id }) => id === openId) ?? (strange?.id === openId ? strange : null);
  return (
    <main class="lead">
      <h1 class="unseen">Lead</h1>
      <div class="panels">
        <AuditPanel api={api} gate={gate.answer} blind={hasKeys} onReopened={gate.ask} />
        <AuditChart api={api} />
        <AlarmPanel
          api={api}
          pictures={thumbnails}
          onOpen={(item) => {
            setStrange(item);
            setOpenId(item.id);
          }}
        />
        <QueuePanel statistics={statistics} />
        <AnswersChart api={api} />
      </div>
      <Filters filter={filter} labels={model.labels} onChange={setFilter} />
      <Gallery items={items} pictures={thumbnails} onOpen={setOpenId} />
      {open !== null && (
        <ItemPanel
          api={api}
          item={open}
          model={model}
          pictures={pictures}
          statistics={statistics}
          onChanged={() => {
            items.reload();
            statistics.refresh();
          }}
          onClose={() => {
            setOpenId(null);
          }}
        />
      )}
    </main>
  );
}

interface WatchedGate {
  readonly answer: GateAnswer | null;
  /** Asks at once. */
  readonly ask: () => void;
}

/** The gate and its audit, asked for now and then. */
function useGate(api: Api, allowed: boolean): WatchedGate {
  const [answer, setAnswer] = useState<GateAnswer | null>(null);
  const ask = (): void => {
    // What was known stays until the service answers again.
    api.gate().then(setAnswer, () => undefined);
  };
  useEffect(() => {
    if (!allowed) return;
    ask();
    const timer = setInterval(ask, GATE_EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [allowed]);
  return { answer, ask };
}
