import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseHTML } from 'linkedom';
import { SIGNAL_NAMES } from '../../src/gate/signals/registry.ts';
import { evaluate } from '../../src/study/evaluation/evaluate.ts';
import type { EvaluatedImage } from '../../src/study/evaluation/evaluated-image.ts';
import { logHistogram } from '../../src/study/evaluation/log-histogram.ts';
import { markdownTables } from '../../src/study/report/markdown.ts';
import { renderReport } from '../../src/study/report/report.ts';
import type { Gallery, Report } from '../../src/study/report/report-content.ts';
import { inTableOrder, signalStyle } from '../../src/study/report/signal-style.ts';

const ALL = [...SIGNAL_NAMES, 'agreement_mirror', 'agreement_shift_x'];

/** Forty images of two classes, every fifth wrong, the wrong ones with scores above most others. */
const images = Array.from({ length: 40 }, (_, i): EvaluatedImage => {
  const wrong = i % 5 === 0;
  const score = (wrong ? 0.5 : 0) + i / 100;
  return {
    where: `images/<${i}>.png`,
    label: i % 2,
    predicted: wrong ? 1 - (i % 2) : i % 2,
    scores: Object.fromEntries(ALL.map((signal) => [signal, score])),
    gate: { score, eligible: true },
  };
});

const report: Report = {
  tool: '0.0.0',
  created: '2026-01-01T00:00:00.000Z',
  model: { name: 'two & <three>', digest: 'sha256:0' },
  labels: ['T-shirt/"top"', '<script>alert(1)</script>'],
  data: 'forty',
  gate: { id: 'abc', signal: 'sensitivity', threshold: 0.3, confidence_floor: 0.2 },
  risk_is_cross_fitted: false,
  seconds_per_label: 20,
  parts: ['as they are', 'noise'].map((name) => ({
    name,
    evaluation: evaluate(images, { classes: 2, threshold: 0.3, secondsPerLabel: 20 }),
  })),
  problems: [{ kind: 'unreadable_image', where: 'a&b.png', detail: 'cut off' }],
};

const pixel = 'data:image/png;base64,AAAA';
const gallery: Gallery = {
  title: 'The most sensitive images',
  pictures: [
    { where: 'x.png', label: 0, predicted: 1, confidence: 0.9, sensitivity: 3, image: pixel, map: null },
  ],
};

const page = renderReport(report, [gallery]);

interface Element {
  readonly textContent: string;
  readonly tagName: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  readonly querySelectorAll: (selector: string) => Iterable<Element>;
}

const { document } = parseHTML(page) as unknown as { readonly document: Element };
const all = (selector: string): readonly Element[] => [...document.querySelectorAll(selector)];

describe('renderReport', () => {
  it('names every signal in both tables of every part, and in the overview', () => {
    for (const signal of ALL) {
      const { name } = signalStyle(signal);
      const rows = all('tbody th').filter(({ textContent }) => textContent === name).length;
      // Max-softmax has no row of differences to itself.
      assert.equal(rows, signal === 'confidence' ? 3 : 5, name);
    }
  });

  it('draws curves, histogram and reliability of each part', () => {
    assert.equal(all('figure > svg').length, 2 * 3);
  });

  it('needs nothing but itself', () => {
    assert.equal(all('script, link, iframe, object, embed').length, 0);
    for (const element of all('*')) {
      for (const { name, value } of element.attributes) {
        if (name === 'src') assert.match(value, /^data:/);
        if (name === 'href' || name === 'xlink:href') assert.match(value, /^#/);
      }
    }
    assert.doesNotMatch(page.replaceAll(/xmlns(:\w+)?="[^"]*"/g, ''), /https?:|url\((?!#)|@import/);
  });

  it('takes text of others for text', () => {
    assert.ok(!page.includes('<script>'));
    assert.ok(all('h1')[0]!.textContent.includes('two & <three>'));
    assert.ok(all('td, th').some(({ textContent }) => textContent === report.labels[1]));
  });

  it('has every number: none is NaN, undefined or an object', () => {
    assert.doesNotMatch(page, /NaN|undefined|\[object|Infinity/);
  });

  it("marks the gate's own threshold among the others", () => {
    assert.equal(all('tr.current').length, 2);
    assert.match(all('tr.current th')[0]!.textContent, /0\.3 \(this gate\)/);
  });

  it('says what was left out, and where there is no map', () => {
    assert.ok(all('th').some(({ textContent }) => textContent === 'a&b.png'));
    assert.equal(all('.missing').length, 1);
  });

  it('speaks of signals alone without a gate', () => {
    const alone = { ...report, gate: null };
    const text = renderReport(
      {
        ...alone,
        parts: [
          {
            name: 'as they are',
            evaluation: evaluate(
              images.map((image) => ({ ...image, gate: null })),
              { classes: 2, threshold: null, secondsPerLabel: 20 },
            ),
          },
        ],
      },
      [],
    );
    assert.doesNotMatch(text, /What if|Class by class|Overview|NaN|undefined/);
  });
});

describe('markdownTables', () => {
  it('has one row a signal, max-softmax first', () => {
    const rows = markdownTables(report).match(/^\| (?!signal|-).*$/gm)!;
    // In the table of each of two parts and at a glance, where there also is what is wrong in all; the gate
    // has a head and two rows.
    assert.equal(rows.length, 3 * ALL.length + 1 + 3);
    assert.match(rows[0], /^\| max-softmax /);
  });
});

describe('inTableOrder', () => {
  it('leaves out none', () => {
    const signals = ALL.map((signal) => ({ signal }));
    assert.deepEqual(
      inTableOrder(signals)
        .map(({ signal }) => signal)
        .sort(),
      ALL.toSorted(),
    );
  });
});

describe('logHistogram', () => {
  it('bins by equal ratios, right and wrong apart', () => {
    const histogram = logHistogram([1, 9, 99, 100], [false, false, true, true], 2)!;
    assert.deepEqual(
      histogram.edges.map((edge) => Math.round(edge * 1e6) / 1e6),
      [1, 10, 100],
    );
    assert.deepEqual(
      [histogram.right, histogram.wrong],
      [
        [2, 0],
        [0, 2],
      ],
    );
  });

  it('puts zeros into the first bin, and has none of zeros alone', () => {
    assert.deepEqual(logHistogram([0, 1, 100], [true, false, false], 2)!.wrong, [1, 0]);
    assert.equal(logHistogram([0, 0], [true, false], 2), null);
  });
});
