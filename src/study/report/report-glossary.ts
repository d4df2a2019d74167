import { SIGNAL_NAMES, SIGNALS } from '../../gate/signals/registry.ts';
import { html } from './html.ts';
import { signalStyle } from './signal-style.ts';

function sentence(words: string): string {
  return `${words[0]!.toUpperCase()}${words.slice(1)}.`;
}

/** What the words of a report mean, every signal's among them. */
export const GLOSSARY = html`<section class="glossary">
  <h2>Words</h2>
  <dl>
    <dt>coverage, risk</dt>
    <dd>Share of images that are labelled automatically; error rate among those.</dd>
    <dt>AUROC</dt>
    <dd>Probability that a wrong answer has a higher score than a right one. ½ is chance.</dd>
    <dt>AURC</dt>
    <dd>Mean risk over all coverages. E-AURC is AURC less that of a perfect ranking.</dd>
    <dt>AUGRC</dt>
    <dd>Mean share of all images that are labelled automatically and wrong, over all coverages.</dd>
    <dt>FPR95</dt>
    <dd>Share of right answers that are reviewed when 95% of the wrong ones are.</dd>
    <dt>coverage at 1% risk</dt>
    <dd>
      The largest share that a threshold can accept with at most 1% wrong among it, seen afterwards: not a
      promise.
    </dd>
    ${SIGNAL_NAMES.map(
      (name) =>
        html`<dt>${signalStyle(name).name}</dt>
          <dd>${sentence(SIGNALS[name].meaning)}</dd>`,
    )}
  </dl>
</section>`;
