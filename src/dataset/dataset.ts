import type { Decoded } from '../model/decode.ts';

/** One labelled image of a data set. */
export interface DatasetImage {
  /** For people: a path, or a file and an index in it. */
  readonly where: string;
  /** Index among the model's labels. */
  readonly label: number;
  /** Decoded as the service decodes. @throws ImageError */
  readonly read: () => Promise<Decoded>;
}

/** Something that keeps an image or a label from being used. It is counted and named, never silent. */
export interface DatasetProblem {
  readonly kind:
    | 'unknown_label'
    | 'unreadable_image'
    | 'damaged_image'
    | 'duplicate'
    | 'conflicting_labels'
    | 'few_images'
    | 'not_measurable';
  readonly where: string;
  readonly detail: string;
}

/** Labelled images from a folder, a table, or IDX files. */
export interface Dataset {
  /** For people and for the gate file. */
  readonly name: string;
  readonly images: readonly DatasetImage[];
  readonly problems: readonly DatasetProblem[];
}
