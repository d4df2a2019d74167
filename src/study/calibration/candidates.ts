import { copiesOf, needs, SIGNAL_NAMES, type SignalName } from '../../gate/signals/registry.ts';
import type { Model } from '../../model/load.ts';
import { copiesOf as passesOf, defaultFamily } from '../../numerics/jacobian/transforms.ts';
import type { Copied } from './learn-plan.ts';

type Mirrors = { readonly manifest: Pick<Model['manifest'], 'mirror_keeps_label'> };

/** The signals that mean something for the model: those of mirror images only where labels survive them. */
export function candidateSignals({ manifest }: Mirrors): readonly SignalName[] {
  return SIGNAL_NAMES.filter((name) => manifest.mirror_keeps_label || !copiesOf(name).includes('mirror'));
}

/** All that any of the signals has measured of copies, of every picture. */
export function copiedFor(signals: readonly SignalName[], { manifest }: Mirrors): Copied {
  const names = [...new Set(signals.flatMap(copiesOf))];
  return {
    transforms: signals.some((name) => needs(name, 'transforms'))
      ? defaultFamily(manifest.mirror_keeps_label)
      : null,
    copies: names.length === 0 ? null : { names, between: [-1, 2] },
  };
}

/** All copies by which a model's signals are compared. */
export function everyCopy(model: Mirrors): Copied {
  return copiedFor(candidateSignals(model), model);
}

/** Passes for copies that a gate on the signal takes for an image whose own answer leaves it open. */
export function furtherPasses(signal: SignalName, model: Mirrors): number {
  const { transforms } = copiedFor([signal], model);
  return copiesOf(signal).length + (transforms ?? []).reduce((sum, one) => sum + passesOf(one), 0);
}
