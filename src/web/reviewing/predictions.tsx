import { percent } from '../format.ts';
import type { LabelPrediction } from '../../wire/answers.ts';

export interface PredictionsProps {
  /** Undefined where reviewers are not to see it, null where the machine gave none. */
  readonly prediction: LabelPrediction | null | undefined;
  readonly chosen: string | null;
  readonly onChoose: (label: string) => void;
}

const SHOWN = 3;

/** What the machine takes it for, to choose with a click; nothing where the item comes without. */
export function Predictions({ prediction, chosen, onChoose }: PredictionsProps) {
  if (prediction === undefined || prediction === null) return null;
  return (
    <div class="predictions" role="group" aria-label="The machine’s guesses">
      <h2>The machine’s guesses</h2>
      {prediction.top.slice(0, SHOWN).map(({ label, probability }) => (
        <button
          key={label}
          type="button"
          class="guess"
          aria-pressed={label === chosen}
          onClick={() => {
            onChoose(label);
          }}
        >
          <span class="bar" style={{ width: `${probability * 100}%` }} aria-hidden="true" />
          <span class="guess-label">{label}</span>
          <span class="guess-share">{percent(probability)}</span>
        </button>
      ))}
    </div>
  );
}
