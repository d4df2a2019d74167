/** What became of one piece of work. */
export type Outcome<T> = {
  /** Milliseconds between submission and the first batch it took part in. */
  readonly queueMs: number;
  /** Milliseconds from there to the answer. */
  readonly computeMs: number;
} & (
  | { readonly result: T; readonly failure: null }
  | { readonly result: null; readonly failure: 'not_measurable' | 'engine_died' | 'deadline' }
);
