/**
 * Whether an opinion of those columns says that the machine's label is wrong; not true where nothing is
 * known.
 */
export const isDoubt = (opinion: string, predicted: string): string =>
  `(${opinion}.finding = 'none_of_these' OR ${opinion}.label <> ${predicted})`;

/** Items before which an audit may be put that a second person is to look at. */
export const NEXT_PLACES = 200;
