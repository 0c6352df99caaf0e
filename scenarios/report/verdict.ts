import { FAILURE_DOMAINS } from '../../protocol/index.ts';
import { type AttackFacts, attackFacts, indispensable } from './attack-facts.ts';
import { isUnreal } from './matrix-report.ts';
import type { RehearsalReport } from './rehearsal-report.ts';
import { count, listed } from './words.ts';

export interface Verdict {
  /** Whether everything that the command asks for holds. */
  readonly holds: boolean;
  readonly headline: string;
  /** In plain words, each a sentence or two that stands by itself. */
  readonly findings: readonly Finding[];
}

export interface Finding {
  readonly kind: 'good' | 'bad' | 'note';
  readonly text: string;
}

const ORDER: readonly Finding['kind'][] = ['bad', 'good', 'note'];

/** What a report says first, for whoever reads nothing else of it. */
export function verdictOf(report: RehearsalReport): Verdict {
  return report.matrix === null ? verdictOfRuns(report) : verdictOfMatrix(report, report.matrix);
}

function verdictOfMatrix(
  report: RehearsalReport,
  { attacks, care, posture, unreviewedResiduals, idleControls }: NonNullable<RehearsalReport['matrix']>,
): Verdict {
  const facts = attackFacts(report);
  const unreal = attacks.filter(isUnreal);
  const tried = attacks.filter(({ mendedByFirmware }) => !mendedByFirmware).length;
  const mended = attacks.length - tried;
  const open = facts.filter(({ attack }) => !attack.boundedByAll);
  const residual = facts.filter(({ attack }) => attack.boundedByAll && attack.residual.length > 0);
  const hard = facts.filter(({ attack }) => attack.boundedByAll && attack.residual.length === 0);
  const single = facts.filter(({ attack }) => indispensable(attack).length > 0);
  const broken = care.filter(({ brokenBy, brokenByAll }) => brokenByAll || brokenBy.length > 0);
  const alerted = care.filter(({ falseAlerts }) => falseAlerts.length > 0);
  const unseen = facts.filter(({ all }) => all !== undefined && all.result.attack?.detectedAfterMs === null);
  const findings: Finding[] = [];
  const say = (kind: Finding['kind'], text: string): void => void findings.push({ kind, text });

  if (attacks.length > 0) {
    say(
      unreal.length === 0 ? 'note' : 'bad',
      unreal.length === 0
        ? `${tried === 1 ? 'The attack really works' : `Each of the ${tried} attacks really works`} on a floor without protection; what follows is measured against that.${mended === 0 ? '' : ` ${mended} more ${mended === 1 ? 'is' : 'are'} stopped by the newest firmware itself.`}`
        : `${count(unreal.length, 'attack')} did not work even on a floor without protection, or stayed within the bound there, so nothing is proved by stopping them: ${listed(unreal.map(({ id }) => id))}.`,
    );
    say(
      open.length === 0 ? 'good' : 'bad',
      open.length === 0
        ? `With all of the posture "${posture}" every attack is stopped, or what is left of it stays within the bound that was set beforehand.`
        : `Even with all of the posture "${posture}", ${count(open.length, 'attack')} went further than allowed: ${names(open)}.`,
    );
    say(
      residual.length === 0 ? 'good' : 'note',
      residual.length === 0
        ? `No single failure is enough: with any one of the ${Object.keys(FAILURE_DOMAINS).length} failure domains lost, another one still holds each attack or ends it in time.`
        : `${hard.length === 0 ? '' : `${count(hard.length, 'attack')} ${hard.length === 1 ? 'is' : 'are'} held whichever failure domain is lost. `}For ${hard.length === 0 ? count(residual.length, 'attack') : `${residual.length} other${residual.length === 1 ? '' : 's'}`} there is a domain whose loss lets it through; each is listed with its reason under Residuals.`,
    );
    if (unreviewedResiduals.length > 0) {
      say(
        'bad',
        `${count(unreviewedResiduals.length, 'residual')} nobody has looked at yet: ${listed(unreviewedResiduals.map(({ attack, domain }) => `${attack} when ${domain} is lost`))}.`,
      );
    }
    const unscored = facts.filter(({ attack }) => attack.unscored.length > 0);
    if (unscored.length > 0) {
      say(
        'bad',
        `In ${count(unscored.length, 'attack')} a step of the adversary broke down by itself, so that nothing is shown there: ${names(unscored)}.`,
      );
    }
    if (single.length > 0) {
      say(
        'note',
        `${count(single.length, 'attack')} ${single.length === 1 ? 'hangs' : 'hang'} on a single control: take it away, and no other holds ${single.length === 1 ? 'it' : 'them'}.`,
      );
    }
    const worst = [...facts].sort((a, b) => overOf(b) - overOf(a))[0];
    if (worst !== undefined && overOf(worst) > 0) {
      say(
        'note',
        `The largest dose that was not ordered: ${overOf(worst).toFixed(1)} mL in "${worst.attack.title}" on the unprotected floor, ${(worst.all?.result.harm.overMl ?? 0).toFixed(1)} mL with the posture.`,
      );
    }
    if (facts.some(({ all }) => all !== undefined)) {
      say(
        unseen.length === 0 ? 'good' : 'note',
        unseen.length === 0
          ? 'Every attack raised an alert.'
          : `${count(unseen.length, 'attack')} raised no alert with the whole posture: ${names(unseen)}.`,
      );
    }
    if (idleControls.length > 0) {
      say(
        'note',
        `${count(idleControls.length, 'control')} decided nothing in these attacks: ${listed(idleControls)}.`,
      );
    }
  }
  if (care.length > 0) {
    say(
      broken.length === 0 ? 'good' : 'bad',
      broken.length === 0
        ? `Care goes on: ${care.length === 1 ? 'the one care scenario passes' : `all ${care.length} care scenarios pass`} without any control, with each alone and with all.`
        : `Protection gets in the way of care in ${listed(broken.map(({ id }) => id))}.`,
    );
    if (alerted.length > 0)
      say('bad', `Ordinary work raised alerts in ${listed(alerted.map(({ id }) => id))}.`);
  }
  const holds =
    unreal.length === 0 &&
    facts.every(({ attack }) => attack.unscored.length === 0) &&
    unreviewedResiduals.length === 0 &&
    broken.length === 0 &&
    alerted.length === 0;
  return {
    holds,
    // What has to be looked at comes first; the rest stays in its order.
    findings: ORDER.flatMap((kind) => findings.filter((one) => one.kind === kind)),
    headline: holds
      ? open.length === 0
        ? 'The posture holds, with the residuals listed here.'
        : 'Known gaps remain: each is listed here with its reason.'
      : 'Something has to be looked at before this posture can be relied on.',
  };
}

function verdictOfRuns({ rehearsed }: RehearsalReport): Verdict {
  const runs = rehearsed.flatMap(({ runs }) => runs.map(({ result }) => result));
  const judged = runs.filter((run) => run.judged);
  const failed = judged.filter(({ verdict }) => verdict === 'fail');
  const findings: Finding[] = [
    judged.length === 0
      ? { kind: 'note', text: 'Nothing was judged; what happened is told below.' }
      : failed.length === 0
        ? {
            kind: 'good',
            text: `What was expected held in all ${count(judged.length, 'run')} that were judged.`,
          }
        : {
            kind: 'bad',
            text: `What was expected did not hold in ${listed(failed.map(({ id, posture }) => `${id} under ${posture}`))}.`,
          },
  ];
  if (judged.length < runs.length) {
    findings.push({
      kind: 'note',
      text: `${count(runs.length - judged.length, 'run')} not judged: nothing is expected under that posture.`,
    });
  }
  return {
    holds: failed.length === 0,
    headline:
      judged.length === 0
        ? 'Nothing was expected of these runs.'
        : failed.length === 0
          ? 'All that was expected held.'
          : 'Something that was expected did not hold.',
    findings,
  };
}

function overOf({ bare }: AttackFacts): number {
  return bare?.result.harm.overMl ?? 0;
}

function names(facts: readonly AttackFacts[]): string {
  return listed(facts.map(({ name }) => name));
}
