import {
  CONTROL_IDS,
  CONTROLS,
  type Control,
  type ControlId,
  FAILURE_DOMAINS,
  type Layer,
} from '../../protocol/index.ts';
import { type Baseline, decidedBy } from '../../scenarios/index.ts';
import { generatedFrom, page, row } from './markdown.ts';

/** `docs/controls.md`: every control of the registry, by the layer that it belongs to, with the attacks that it decides by the matrix on record. */
export function controlsPage(recorded: Baseline): string {
  const enforced = CONTROL_IDS.filter((id) => CONTROLS[id].enforcedIn !== null).length;
  return page([
    '# Controls',
    '',
    generatedFrom('protocol/controls.ts'),
    '',
    'A control has a stable id, one place where it is enforced and a switch in a posture; off means absent. A denial carries the id',
    'of the control that denied. What fails, is stolen or turns bad together is one layer: a component, a trust root and an',
    'administrator. Two controls of one layer are not two layers.',
    '',
    `Of ${CONTROL_IDS.length} controls, ${enforced} are enforced by this version. The others have an id, so that postures stay valid, and`,
    'protect nothing yet.',
    '',
    'Essential controls are on in every posture. Origin: `sp1800-8`, the reference design of NIST SP 1800-8 (doi',
    '10.6028/NIST.SP.1800-8) describes it; `pumprange`, we add it. CSF 2.0: subcategories of the NIST Cybersecurity Framework 2.0 (doi',
    '10.6028/NIST.CSWP.29). Capability: security capabilities of IEC TR 80001-2-2. The mapping is ours.',
    ...layers().flatMap(section),
    '',
    '## What each control decides',
    '',
    `Observed, not claimed: what \`pumprange matrix\` came to (\`scenarios/matrix-baseline.json\`, ${recorded.attacks.length} lines). Alone means on a floor with`,
    'nothing but this control and what it needs; missed means that with every other control on the attack gets further without it.',
    '[matrix.md](matrix.md) says what the effects are.',
    '',
    '| control | attacks that it decides |',
    '|---|---|',
    ...CONTROL_IDS.map((id) => decidedRow(id, recorded)),
  ]);
}

function layers(): Layer[] {
  return [...new Set(CONTROL_IDS.map((id) => CONTROLS[id].layer))];
}

function section(layer: Layer): string[] {
  const { component, trustRoot, administrator } = FAILURE_DOMAINS[layer];
  return [
    '',
    `## ${layer}`,
    '',
    `Component: ${component}. Trust root: ${trustRoot}. Administrator: ${administrator}.`,
    '',
    '| control | what it is | enforced in | origin | essential | needs | CSF 2.0 | capability |',
    '|---|---|---|---|---|---|---|---|',
    ...CONTROL_IDS.filter((id) => CONTROLS[id].layer === layer).map(controlRow),
  ];
}

function controlRow(id: ControlId): string {
  const { title, enforcedIn, origin, essential, dependsOn, csf, capabilities }: Control = CONTROLS[id];
  return row([
    `<a id="${id}"></a>\`${id}\``,
    title,
    enforcedIn === null ? 'not enforced yet' : `\`${enforcedIn}\``,
    origin,
    essential ? 'yes' : 'no',
    dependsOn.map((other) => `\`${other}\``).join(', ') || '–',
    csf.join(', '),
    capabilities.join(', '),
  ]);
}

function decidedRow(id: ControlId, recorded: Baseline): string {
  const decided = decidedBy(recorded, id).map(
    ({ attack, how }) => `\`${attack}\` (${CONTROLS[id].essential ? 'more harm without it' : how})`,
  );
  return row([`\`${id}\``, decided.join(', ') || '–']);
}
