import { createHash } from 'node:crypto';
import type { RiskModel } from '../../gate/signals/risk-model.ts';
import { fitRisk } from './fit-risk.ts';
import { LogisticError } from '../../numerics/regression/logistic.ts';
import { isWrong, type MeasuredImage } from '../measuring/measured-image.ts';

const FOLDS = 5;

/** For a picture, a model of `risk` that was fitted without it and without any other version of it. */
export type CrossFit = (where: string) => RiskModel;

/**
 * Fits the model of `risk` once for each fold of the images, on the others, so that labels can both teach it
 * and tell what it is worth.
 *
 * @returns Null where some fold's model cannot be fitted, as where no label is wrong.
 */
export function crossFitRisk(images: readonly MeasuredImage[]): CrossFit | null {
  // Dealt out in an order of their own, wrong answers by themselves: where a fold holds more of them than the
  // others, its model expects fewer.
  const order = images
    .map((image) => ({
      where: image.where,
      key: `${!isWrong(image)} ${createHash('sha256').update(image.where).digest('hex')}`,
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const foldOf = new Map(order.map(({ where }, place) => [where, place % FOLDS]));
  const models: RiskModel[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const model = riskModelOf(images.filter(({ where }) => foldOf.get(where) !== fold));
    if (model === null) return null;
    models.push(model);
  }
  // A picture that is in none of the folds was seen by none of the models.
  return (where) => models[foldOf.get(where) ?? 0]!;
}

/** Null where no regression can be fitted, as where no label is wrong. */
export function riskModelOf(images: readonly MeasuredImage[]): RiskModel | null {
  try {
    return fitRisk(
      images.map(({ estimate }) => estimate),
      images.map(isWrong),
    );
  } catch (error) {
    if (error instanceof LogisticError) return null;
    throw error;
  }
}
