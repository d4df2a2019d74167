import { SIGNAL_NAMES, type SignalName } from '../../gate/signals/registry.ts';

/**
 * How a signal is called and drawn. Colours are told apart by people who see fewer of them (Okabe & Ito
 * 2008), dashes by all.
 */
export interface SignalStyle {
  readonly name: string;
  /** A CSS colour that follows the page's theme. */
  readonly colour: string;
  readonly dash: string;
  readonly width: number;
}

/** In the order of the tables. */
const STYLES: Readonly<Record<SignalName, SignalStyle>> = {
  confidence: { name: 'max-softmax', colour: 'var(--ink)', dash: '7 4', width: 2.4 },
  sensitivity: { name: 'sensitivity', colour: 'var(--vermilion)', dash: '', width: 2.4 },
  risk: { name: 'risk', colour: 'var(--blue)', dash: '', width: 2.4 },
  log_sensitivity: { name: 'log sensitivity', colour: 'var(--orange)', dash: '', width: 1.6 },
  transform_sensitivity: { name: 'transform sensitivity', colour: 'var(--purple)', dash: '', width: 1.6 },
  agreement: { name: 'agreement', colour: 'var(--green)', dash: '', width: 1.6 },
  margin: { name: 'margin', colour: 'var(--sky)', dash: '4 3', width: 1.6 },
  mirror_confidence: { name: 'mirror confidence', colour: 'var(--blue)', dash: '6 3', width: 1.6 },
  shift_confidence: { name: 'shift confidence', colour: 'var(--green)', dash: '6 3', width: 1.6 },
  two_shift_confidence: { name: 'two-shift confidence', colour: 'var(--green)', dash: '2 3', width: 1.6 },
  rotation_confidence: { name: 'rotation confidence', colour: 'var(--purple)', dash: '6 3', width: 1.6 },
  normalised_logit: { name: 'normalised logit', colour: 'var(--orange)', dash: '4 3', width: 1.6 },
  logit_margin: { name: 'logit margin', colour: 'var(--orange)', dash: '1 3', width: 1.6 },
  entropy: { name: 'entropy', colour: 'var(--sky)', dash: '1 3', width: 1.6 },
};

/** Thin and gray: seven of them are there to be seen together. */
export const SINGLE_LINE = { colour: 'var(--gray)', dash: '', width: 1 };

const ONE_TRANSFORM = /^agreement_(.+)$/;

/** Whether the signal is the agreement with the copies that one transformation makes. */
export function isSingleTransform(signal: string): boolean {
  return ONE_TRANSFORM.test(signal);
}

/** @param signal A signal's name, or that of the agreement with the copies of one transformation. */
export function signalStyle(signal: string): SignalStyle {
  if (isSignalName(signal)) return STYLES[signal];
  const transform = ONE_TRANSFORM.exec(signal)?.[1];
  return {
    name: transform === undefined ? signal : `agreement, ${transform.replace('_', ' ')}`,
    ...SINGLE_LINE,
  };
}

function isSignalName(signal: string): signal is SignalName {
  return (SIGNAL_NAMES as readonly string[]).includes(signal);
}

const ORDER = Object.keys(STYLES);

/** Signals in the order of the tables: max-softmax first, single transformations last. */
export function inTableOrder<T extends { readonly signal: string }>(signals: readonly T[]): readonly T[] {
  const place = ({ signal }: T): number => (ORDER.includes(signal) ? ORDER.indexOf(signal) : ORDER.length);
  return signals.toSorted((a, b) => place(a) - place(b));
}
