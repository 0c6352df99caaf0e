import { CONTROL_IDS, CONTROLS, type ControlId } from '../../protocol/index.ts';
import type { Baseline, Residual, Scenario } from '../../scenarios/index.ts';
import { generatedFrom, page, row } from './markdown.ts';

type Line = Baseline['attacks'][number];

/** `docs/attacks.md`: every attack of the catalogue, what it illustrates, and what the matrix on record says of it. */
export function attacksPage(
  scenarios: readonly Scenario[],
  recorded: Baseline,
  residuals: readonly Residual[],
): string {
  const attacks = scenarios.filter(({ attack }) => attack !== undefined);
  return page([
    '# Attacks',
    '',
    generatedFrom('scenarios/catalog/attack, scenarios/matrix-baseline.json and scenarios/residual.yaml'),
    '',
    `${attacks.length} attacks that really run: each succeeds on the bare floor, through sockets of its own. Alone names the controls that stop, limit or contain it by`,
    'themselves, on the vulnerable firmware where that matters. Left names the failure domains with whose loss it is neither bounded nor ended in',
    'time; why, how much and what would mend it is in `scenarios/residual.yaml`. References illustrate a class of weakness; no product is',
    'reproduced. [matrix.md](matrix.md) says how this is measured.',
    '',
    '| attack | what happens | illustrates | alone | left |',
    '|---|---|---|---|---|',
    ...attacks.map((scenario) => attackRow(scenario, recorded, residuals)),
  ]);
}

function attackRow(
  { id, title, references }: Scenario,
  { attacks }: Baseline,
  residuals: readonly Residual[],
): string {
  const line = attacks.find(({ attack, firmware }) => attack === id && firmware !== 'patched');
  const left = residuals
    .filter(({ attack }) => attack === id)
    .flatMap(({ domains, firmware }) => {
      const state = firmware === undefined ? '' : ` (${firmware})`;
      return domains === 'all' ? [`every one${state}`] : domains.map((domain) => `${domain}${state}`);
    });
  return row([
    `\`${id}\``,
    title,
    references.map((reference) => reference.id).join(', ') || '–',
    (line === undefined ? [] : standing(line)).map((control) => `\`${control}\``).join(', ') || '–',
    [...new Set(left)].join(', ') || '–',
  ]);
}

function standing({ alone }: Line): readonly ControlId[] {
  return CONTROL_IDS.filter(
    (control) => !CONTROLS[control].essential && (alone[control] ?? 'detects') !== 'detects',
  );
}
