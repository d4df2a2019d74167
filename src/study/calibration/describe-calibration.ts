import type { GateFile } from '../../gate/gate.ts';
import { SIGNALS } from '../../gate/signals/registry.ts';
import { alarmSight } from './alarm-sight.ts';
import type { Calibrated } from './calibrate.ts';
import type { Goal } from './choose-rule.ts';

/**
 * Lines that say what came of a calibration: how the signals did, what was left out, and the gate or why
 * there is none.
 *
 * @param out The gate file.
 * @param report The file that has all of it.
 */
export function describeCalibration(
  { outcome, gate, problems, standings, noFamiliarity }: Calibrated,
  { goal, out, report }: { readonly goal: Goal; readonly out: string; readonly report: string },
): string[] {
  const asked = goal.method === 'coverage' ? 'right automatic labels' : 'automatic at the risk';
  const lines = standings.map(({ signal, coverage, further_passes: passes, augrc }) => {
    const cost = passes === 0 ? 'no further pass' : `${passes} further pass${passes === 1 ? '' : 'es'}`;
    return `${signal}: ${percent(coverage)} ${asked} (fit images), ${cost}, AUGRC ${augrc.toPrecision(4)}`;
  });
  if (problems.length > 0) lines.push(`${problems.length} images or labels left out or named: ${report}`);
  if (noFamiliarity !== null) lines.push(`the gate asks nothing of familiarity: ${noFamiliarity}`);
  const proven = outcome.outcome === 'certified' ? outcome : outcome.proven;
  const figures =
    `${proven.accepted} of ${proven.images} certification images automatic (${percent(proven.coverage)}), ` +
    `${proven.errors} of them wrong`;
  const risk = percent(proven.risk);
  const sure = `${percent(goal.confidence)} sure`;
  switch (outcome.outcome) {
    case 'certified':
    case 'covered':
      lines.push(
        `${out}: ${gate === null ? '' : acceptedBy(gate)}: at most ${risk} of automatic ` +
          `labels wrong, ${sure}; ${figures}`,
      );
      if (gate !== null) {
        for (const line of partLines(gate)) lines.push(line);
        lines.push(sightOf(gate));
      }
      break;
    case 'insufficient_labels':
      lines.push(
        'insufficient_labels: the errors seem rare enough, but too few labels prove it. About ' +
          `${2 * outcome.labelsNeeded} labelled images are needed, half of which prove. These prove at ` +
          `most ${risk}, ${sure}; ${figures}. No gate is written.`,
      );
      break;
    case 'no_certifiable_threshold':
      lines.push(
        'no_certifiable_threshold: the model errs too often wherever a threshold is set. What can be had ' +
          `is at most ${risk}, ${sure}; ${figures}. No gate is written.`,
      );
  }
  return lines;
}

/** What each part of the rule sends to people of the certification images. */
function partLines({ calibration: { parts } }: GateFile): readonly string[] {
  return parts.map(
    ({ part, sent, alone }) =>
      `${part} sends ${sent.images} images to people, ${sent.errors} of them wrong; ` +
      `alone ${alone.images}, ${alone.errors} of them wrong`,
  );
}

/** What the alarm for change can see by as many certification images. */
function sightOf(gate: GateFile): string {
  const sight = alarmSight(gate);
  if (sight === null) return 'without familiarity the alarm for change knows signals and labels alone';
  const shares = sight.map(({ within, share }) => `${percent(share)} within ${within}`);
  return (
    'the alarm for change tells of junk that is unfamiliar from these shares on, after so many images on ' +
    `average: ${shares.join(', ')}`
  );
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}

/** Which values of its signal a gate accepts. */
export function acceptedBy({ signal, threshold }: Pick<GateFile, 'signal' | 'threshold'>): string {
  return `${signal} ${SIGNALS[signal].safe === 'high' ? 'from' : 'up to'} ${threshold.toPrecision(4)}`;
}
