import { useEffect, useRef, useState } from 'preact/hooks';
import type { Api, ListQuery } from '../api/api.ts';
import type { LeadItem } from '../../wire/review-items.ts';
import type { Filter } from './filters.tsx';

const PAGE = 48;

export interface Items {
  readonly list: readonly LeadItem[];
  readonly loading: boolean;
  /** Null where the last page is there. */
  readonly more: (() => void) | null;
  readonly reload: () => void;
  /** Why there is no list. */
  readonly problem: string | null;
}

interface Loaded {
  readonly list: readonly LeadItem[];
  readonly cursor: string | null;
  readonly loading: boolean;
  readonly problem: string | null;
}

/** The items that pass the filter, page by page. */
export function useItems(api: Api, filter: Filter, allowed: boolean): Items {
  const [loaded, setLoaded] = useState<Loaded>({ list: [], cursor: null, loading: true, problem: null });
  // An answer to an older filter comes too late.
  const asked = useRef(0);

  const load = async (earlier: readonly LeadItem[], cursor: string | null, limit: number): Promise<void> => {
    const mine = ++asked.current;
    setLoaded((now) => ({ ...now, loading: true, problem: null }));
    try {
      const page = await api.list({ ...queryOf(filter), limit, ...(cursor === null ? {} : { cursor }) });
      if (mine !== asked.current) return;
      const list = [...earlier, ...page.items];
      setLoaded({ list, cursor: page.next_cursor, loading: false, problem: null });
    } catch (error) {
      if (mine !== asked.current) return;
      setLoaded((now) => ({ ...now, loading: false, problem: (error as Error).message }));
    }
  };

  useEffect(() => {
    if (allowed) void load([], null, PAGE);
  }, [filter, allowed]);

  return {
    list: loaded.list,
    loading: loaded.loading,
    problem: loaded.problem,
    more:
      loaded.cursor === null
        ? null
        : () => {
            if (!loaded.loading) void load(loaded.list, loaded.cursor, PAGE);
          },
    reload: () => {
      void load([], null, Math.min(100, Math.max(PAGE, loaded.list.length)));
    },
  };
}

function queryOf({ state, reason, label, stream, order }: Filter): Omit<ListQuery, 'limit'> {
  return {
    order,
    ...(state === '' ? {} : { state }),
    ...(reason === '' ? {} : { reason }),
    ...(stream === '' ? {} : { stream }),
    ...(label === '' ? {} : { label }),
  };
}
