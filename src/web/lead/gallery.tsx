import type { PictureStore } from '../pictures/picture-store.ts';
import type { LeadItem } from '../../wire/review-items.ts';
import { findingWords, words } from '../format.ts';
import { Thumbnail } from './thumbnail.tsx';
import type { Items } from './use-items.ts';

export interface GalleryProps {
  readonly items: Items;
  readonly pictures: PictureStore;
  readonly onOpen: (id: string) => void;
}

/** The items as small pictures; each opens its panel. */
export function Gallery({ items, pictures, onOpen }: GalleryProps) {
  const { list, loading, more, problem } = items;
  return (
    <section class="gallery" aria-label="Items">
      <ul
        onKeyDown={(event) => {
          moveFocus(event);
        }}
      >
        {list.map((item) => (
          <li key={item.id}>
            <button
              type="button"
              class="card"
              onClick={() => {
                onOpen(item.id);
              }}
            >
              <Thumbnail pictures={pictures} path={item.image_href} />
              <span class="card-label">{headline(item)}</span>
              <span class="card-line">
                <span class={`state ${item.state}`}>{item.state}</span>
                <span class="card-reasons">{item.reasons.map(words).join(', ')}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p role="status" class="hint">
        {problem !== null ? problem : loading ? 'Loading …' : list.length === 0 ? 'No items.' : ''}
      </p>
      {more !== null && (
        <button type="button" class="more" onClick={more}>
          Show more
        </button>
      )}
    </section>
  );
}

function headline({ label, finding, state, prediction }: LeadItem): string {
  if (label !== null) return label;
  if (state === 'discarded') return findingWords(finding);
  return prediction === null ? 'No prediction' : `${prediction.label}?`;
}

/** Arrows go from card to card; up and down by a row. */
function moveFocus(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const cards = [...event.currentTarget.querySelectorAll<HTMLElement>('.card')];
  const place = cards.indexOf(document.activeElement as HTMLElement);
  if (place < 0) return;
  const top = cards[0]!.offsetTop;
  const columns = Math.max(1, cards.filter((card) => card.offsetTop === top).length);
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  cards[place + by]?.focus();
}
