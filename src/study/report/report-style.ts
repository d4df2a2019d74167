/**
 * Style of the report: readable on screens of either theme, in print, and by people who see fewer colours.
 */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1f24; --muted: #5b6570; --line: #b6bec7; --faint: #eef1f4; --gray: #8d97a1;
  --vermilion: #c8500a; --blue: #0069a8; --orange: #c98a00; --purple: #b0578d; --green: #00805c; --sky: #2f9bd6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --ink: #e8ebee; --muted: #9aa5b1; --line: #5a636d; --faint: #20252b; --gray: #77828d;
    --vermilion: #ff8a4c; --blue: #5cb8f0; --orange: #f2b632; --purple: #e596c4; --green: #3fcf9f; --sky: #8fd3f7;
  }
}
@page { size: landscape; margin: 12mm; }
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --ink: #000000; --muted: #444444; --line: #aaaaaa; --faint: #f2f2f2; --gray: #888888;
    --vermilion: #c8500a; --blue: #0069a8; --orange: #b07800; --purple: #a04f80; --green: #007050; --sky: #2f9bd6;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 76rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.35rem; margin: 3rem 0 0.5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h2::first-letter { text-transform: uppercase; }
h3 { font-size: 1.05rem; margin: 2rem 0 0.25rem; }
p { max-width: 48rem; margin: 0.4rem 0; }
.lead { font-size: 1.1rem; }
code { font: 0.85em ui-monospace, monospace; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; margin: 0; font-size: 0.9rem; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; }
figure { margin: 1.75rem 0; max-width: 45rem; }
figcaption { font-size: 0.95rem; margin-bottom: 0.5rem; }
figure svg { color: var(--ink); --plot-background: var(--paper); }
figure > svg { max-width: 100%; height: auto; font-size: 13px; overflow: visible; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; font-size: 0.85rem; margin: 0.5rem 0; }
.legend span { display: inline-flex; align-items: center; gap: 0.4rem; }
.swatch { width: 1rem; height: 0.75rem; border: 2px solid; }
.swatch.right { border-color: var(--blue); background: color-mix(in srgb, var(--blue) 25%, transparent); }
.swatch.wrong { border-color: var(--vermilion); background: color-mix(in srgb, var(--vermilion) 25%, transparent); }
.wide { overflow-x: auto; margin: 0.5rem 0 1rem; }
table { border-collapse: collapse; font-size: 0.82rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.5rem; text-align: right; vertical-align: top; white-space: nowrap; border-bottom: 1px solid var(--faint); }
thead th { white-space: normal; vertical-align: bottom; border-bottom: 1px solid var(--line); color: var(--muted); font-weight: 600; }
th:first-child { text-align: left; font-weight: 600; }
td.text { text-align: left; white-space: normal; }
td small, .gallery small { display: block; color: var(--muted); font-size: 0.72rem; }
tr.current > * { background: var(--faint); }
tr.muted > * { color: var(--muted); }
.dot { display: inline-block; width: 0.7rem; height: 0.7rem; border-radius: 50%; margin-right: 0.45rem; }
.better { color: var(--blue); }
.worse { color: var(--vermilion); }
.gallery { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1.25rem; }
.pair { display: flex; gap: 4px; }
.pair img, .missing { width: 50%; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; background: var(--faint); }
.missing { display: grid; place-items: center; color: var(--muted); font-size: 0.8rem; }
.gallery p { margin: 0.3rem 0 0; font-size: 0.85rem; line-height: 1.35; }
.gallery .where { overflow-wrap: anywhere; }
.truth { color: var(--vermilion); }
.glossary dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; font-size: 0.9rem; }
.glossary dt { font-weight: 600; }
.glossary dd { margin: 0; max-width: 42rem; }
@media (max-width: 40rem) { .glossary dl { grid-template-columns: 1fr; } }
@media print {
  figure, tr, li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .wide { overflow: visible; }
  table { font-size: 7.5pt; }
  th, td { padding: 2pt 4pt; }
  td small { font-size: 6.5pt; }
  body { max-width: none; padding: 0; }
}
`;
