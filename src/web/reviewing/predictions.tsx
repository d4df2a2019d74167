import type { ReviewItem } from '../../wire/review-items.ts';

export interface PredictionsProps {
  /** Undefined where reviewers are not to see it, null where the machine gave none. */
  readonly prediction: ReviewItem['prediction'] | undefined;
  readonly chosen: string | null;
  readonly onChoose: (label: string) => void;
}

/** What the machine takes it for, to choose with a click; nothing where the item comes without. */
export function Predictions({ prediction, chosen, onChoose }: PredictionsProps) {
  if (prediction === undefined || prediction === null) return null;
  const { label } = prediction;
  return (
    <div class="predictions" role="group" aria-label="The machine’s guess">
      <h2>The machine’s guess</h2>
      <button
        type="button"
        class="guess"
        aria-pressed={label === chosen}
        onClick={() => {
          onChoose(label);
        }}
      >
        <span class="guess-label">{label}</span>
      </button>
    </div>
  );
}
