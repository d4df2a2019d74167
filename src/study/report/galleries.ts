import type { Dataset } from '../../dataset/dataset.ts';
import type { Engine } from '../../engine/engine.ts';
import { reviewScore } from '../../gate/signals/registry.ts';
import type { Model } from '../../model/load.ts';
import { type EvaluatedImage, isWrong } from '../evaluation/evaluated-image.ts';
import type { EvaluatedDataset } from '../evaluation/evaluate-dataset.ts';
import { dataUri, drawPixels, mapPixels } from './picture.ts';
import type { Gallery, Picture } from './report-content.ts';

/**
 * The images that most need a person, and those where the classifier is surest and wrong; `count` of each.
 */
export async function drawGalleries(
  engine: Engine,
  model: Model,
  { images, sensitivities, dataset }: EvaluatedDataset & { readonly dataset: Dataset },
  count: number,
): Promise<readonly Gallery[]> {
  const reads = new Map(dataset.images.map(({ where, read }) => [where, read]));
  const picture = async (place: number): Promise<Picture> => {
    const image = images[place]!;
    const { pixels } = await reads.get(image.where)!();
    const map = await mapPixels(engine, pixels, model);
    return {
      where: image.where,
      label: image.label,
      predicted: image.predicted,
      confidence: confidenceOf(image),
      sensitivity: sensitivities[place]!,
      image: dataUri(await drawPixels(pixels, model)),
      map: map && dataUri(map),
    };
  };
  const places = [...images.keys()];
  const sensitive = places.toSorted((a, b) => sensitivities[b]! - sensitivities[a]!).slice(0, count);
  const sure = places
    .filter((place) => isWrong(images[place]!))
    .sort((a, b) => confidenceOf(images[b]!) - confidenceOf(images[a]!))
    .slice(0, count);
  return [
    { title: 'The most sensitive images', pictures: await Promise.all(sensitive.map(picture)) },
    { title: 'The most confidently wrong', pictures: await Promise.all(sure.map(picture)) },
  ];
}

function confidenceOf({ scores }: EvaluatedImage): number {
  return reviewScore('confidence', scores['confidence']!);
}
