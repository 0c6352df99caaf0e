import { LAYERS } from '../../protocol/index.ts';
import { type AttackFacts, attackFacts, layersText, unprotectedText } from './attack-facts.ts';
import { cleanText } from './clean-text.ts';
import { figuresOf } from './figures.ts';
import { assumptionsOf, costOf, money, type PriceList } from './prices.ts';
import type { RehearsalReport } from './rehearsal-report.ts';
import { verdictOf } from './verdict.ts';
import { figure } from './words.ts';

/** The report as Markdown (GitHub's dialect), for a pull request or a wiki: the verdict, the attacks, the residuals. */
export function reportMarkdown(report: RehearsalReport, prices?: PriceList): string {
  const { holds, headline, findings } = verdictOf(report);
  const { matrix } = report;
  const facts = attackFacts(report);
  return [
    `# ${matrix === null ? 'Rehearsal report' : `Attack rehearsal of the posture ${text(matrix.posture)}`}`,
    '',
    `**${holds ? 'Holds' : 'To look at'}:** ${text(headline)}`,
    '',
    ...findings.map(({ kind, text: said }) => `- ${kind === 'bad' ? '**To look at:** ' : ''}${text(said)}`),
    '',
    ...(facts.length === 0 ? [] : attackTable(facts, prices)),
    ...(prices === undefined || facts.length === 0 ? [] : priceLines(prices)),
    ...(matrix === null ? runTable(report) : [...residualTable(report, facts), ...careTable(matrix.care)]),
    `Made on ${report.madeAt} by ${text(report.tool)}. TRAINING, NOT FOR HUMAN USE.`,
    '',
  ].join('\n');
}

function attackTable(facts: readonly AttackFacts[], prices: PriceList | undefined): string[] {
  return table(
    [
      'attack',
      'unprotected',
      'with the posture',
      'layers that stand alone',
      'lost domain that lets it through',
      ...(prices ? ['cost unprotected'] : []),
    ],
    facts.map(({ name, attack, bare, all }) => [
      `${name}: ${attack.title}`,
      `${unprotectedText(attack)}${harm(bare)}`,
      `${attack.boundedByAll ? 'held' : 'goes too far'}${harm(all)}`,
      attack.mendedByFirmware ? 'the firmware itself' : layersText(attack.layers),
      layersText(attack.residual),
      ...(prices ? [bare === undefined ? '' : money(prices, costOf(prices, figuresOf(bare)))] : []),
    ]),
    'Attacks',
  );
}

function harm(run: AttackFacts['bare']): string {
  if (run === undefined) return '';
  const { overMl, underMl, recordsRead } = figuresOf(run);
  const parts = [
    ...(overMl > 0 ? [`${figure(overMl)} mL over`] : []),
    ...(underMl > 0 ? [`${figure(underMl)} mL under`] : []),
    ...(recordsRead > 0 ? [`${figure(recordsRead)} patients read`] : []),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function priceLines(prices: PriceList): string[] {
  return [
    `Amounts rest on a declared price list. ${text(prices.source)}`,
    '',
    ...assumptionsOf(prices).map((line) => `- ${text(line)}`),
    '',
  ];
}

function residualTable({ residuals, matrix }: RehearsalReport, facts: readonly AttackFacts[]): string[] {
  const rows = facts.flatMap(({ name, attack }) =>
    LAYERS.filter((layer) => attack.residual.includes(layer)).map((domain) => {
      const entry = residuals.find(
        (it) =>
          it.attack === attack.id &&
          (it.firmware === undefined || it.firmware === attack.firmware) &&
          (it.domains === 'all' || it.domains.includes(domain)),
      );
      return [
        name,
        domain,
        ...(entry === undefined ? ['NOT LOOKED AT', '', ''] : [entry.reason, entry.bound, entry.mends]),
      ];
    }),
  );
  if (matrix?.attacks.length === 0 || rows.length === 0) return [];
  return table(['attack', 'lost domain', 'why', 'bounded by', 'mended by'], rows, 'Residuals');
}

function careTable(care: NonNullable<RehearsalReport['matrix']>['care']): string[] {
  if (care.length === 0) return [];
  return table(
    ['care scenario', 'broken by', 'false alerts'],
    care.map(({ id, title, brokenBy, brokenByAll, falseAlerts }) => [
      `${id}: ${title}`,
      [...brokenBy, ...(brokenByAll ? ['all together'] : [])].join(', ') || 'nothing',
      falseAlerts.join(', ') || 'none',
    ]),
    'Care',
  );
}

function runTable({ rehearsed }: RehearsalReport): string[] {
  return table(
    ['scenario', 'posture', 'verdict', 'mL over', 'mL under', 'denied by', 'detected by'],
    rehearsed.flatMap(({ id, title, runs }) =>
      runs.map(({ result }) => [
        `${id}: ${title}`,
        result.posture,
        !result.judged ? 'not judged' : result.verdict,
        figure(result.harm.overMl) + besides(result.harmWithoutAttack?.overMl),
        figure(result.harm.underMl) + besides(result.harmWithoutAttack?.underMl),
        result.stoppedBy.join(', '),
        result.detectedBy.join(', '),
      ]),
    ),
    'Rehearsals',
  );
}

/** What of a volume is no doing of the attack. */
function besides(withoutMl: number | undefined): string {
  return withoutMl === undefined || withoutMl === 0 ? '' : ` (${figure(withoutMl)} without the attack)`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[], title: string): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(text).join(' | ')} |`;
  return [`## ${title}`, '', line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line), ''];
}

/** For a cell or a line: nothing that Markdown or HTML would take for its own. */
function text(said: string): string {
  return cleanText(said).replace(/[\\`*_{}[\]()#+!|<>~]/g, (sign) =>
    sign === '_' || sign === '(' || sign === ')' || sign === '+' ? sign : `\\${sign}`,
  );
}
