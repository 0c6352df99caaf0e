import { attackFacts, entriesOf, isAcceptable } from './attack-facts.ts';
import { type Case, junitDocument } from './junit.ts';
import { isUnreal } from './matrix-report.ts';
import type { RehearsalReport } from './rehearsal-report.ts';

/**
 * A matrix as JUnit XML: a suite for each attack, with a case for each thing that the command fails on, and one for each failure domain,
 * skipped where its residual is known. A suite for each care scenario.
 */
export function matrixJunit(report: RehearsalReport): string {
  const { matrix } = report;
  if (matrix === null) return junitDocument([]);
  const attacks = attackFacts(report).map(({ name, attack }) => ({
    name: `${name} [${matrix.posture}]`,
    className: `pumprange.matrix.${name}`,
    cases: [
      fails(
        'the attack works on a floor without controls',
        !isUnreal(attack),
        attack.succeedsBare ? 'it stays within its bound there' : 'it does not, so it is no attack',
      ),
      ...attack.unscored.map((cell) =>
        fails(`it is tried in ${cell}`, false, 'a step of the adversary broke down by itself'),
      ),
      // A gap that is known does not fail the command; it is told all the same.
      attack.boundedByAll
        ? held('it is held with all controls')
        : skipped('it is held with all controls', 'it goes further than its bound'),
      ...entriesOf(attack.domainLost).map(([domain, effect]): Case => {
        const what = `it is held with ${domain} lost`;
        if (isAcceptable(effect)) return held(what);
        const isOpen = matrix.unreviewedResiduals.some(
          (one) => one.attack === attack.id && one.firmware === attack.firmware && one.domain === domain,
        );
        return isOpen
          ? fails(what, false, `${effect}, and nobody has looked at it`)
          : skipped(what, 'a reviewed residual');
      }),
    ],
  }));
  const care = matrix.care.map(({ id, title, brokenBy, brokenByAll, falseAlerts }) => ({
    name: `${id} [${matrix.posture}]`,
    className: `pumprange.matrix.${id}`,
    cases: [
      fails(`${title}: no control breaks it`, brokenBy.length === 0, `broken by ${brokenBy.join(', ')}`),
      fails(`${title}: all controls together do not break it`, !brokenByAll, 'the posture breaks it'),
      fails(`${title}: no false alert`, falseAlerts.length === 0, `alerts: ${falseAlerts.join(', ')}`),
    ],
  }));
  return junitDocument([...attacks, ...care]);
}

function held(what: string): Case {
  return { what };
}

function fails(what: string, holds: boolean, message: string): Case {
  return holds ? { what } : { what, failure: message };
}

function skipped(what: string, message: string): Case {
  return { what, skipped: message };
}
