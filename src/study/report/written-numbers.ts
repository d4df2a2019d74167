/** Numbers as a report writes them. */

export function percent(value: number): string {
  return Number.isFinite(value) ? `${digits(100 * value)}%` : '–';
}

/** A share that somebody has chosen, as they would write it. */
export function whole(share: number): string {
  return `${Number((100 * share).toPrecision(4))}%`;
}

export function fixed(value: number, decimals: number): string {
  return Number.isFinite(value) ? value.toFixed(decimals).replace('-', '−') : '–';
}

export function interval([low, high]: readonly [number, number], written: (value: number) => string): string {
  return `${written(low)} to ${written(high)}`;
}

export function count(value: number): string {
  return value.toLocaleString('en');
}

/** Three significant digits of what is less than 100, and no digits behind the point from there on. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const text =
    value === 0 || Math.abs(value) >= 99.95
      ? String(Math.round(value))
      : Math.abs(value) < 0.0995
        ? String(Number(value.toPrecision(2)))
        : value.toPrecision(3);
  return text.replace('-', '−');
}

export function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))).replace('-', '−') : '∞';
}
