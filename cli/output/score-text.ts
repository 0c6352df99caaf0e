import Table from 'cli-table3';
import type pico from 'picocolors';
import type { DetectionScore } from '../../testbed/index.ts';
import { BARE } from './bare-table.ts';

type Colors = ReturnType<typeof pico.createColors>;

/** A score as tables: attacks, false alerts, rules that do nothing, and the line that counts. */
export function scoreText(score: DetectionScore, colors: Colors): string {
  const { attacks, care, byRule, totals } = score;
  const verdict = { caught: colors.green, noticed: colors.yellow, missed: colors.red };
  const falseAlerts = care.flatMap((one) => one.falseAlerts.map((alert) => ({ id: one.id, ...alert })));
  // Of a large set most are for something else than what was rehearsed.
  const idle =
    byRule.length > 10 ? [] : byRule.filter((rule) => rule.catches.length === 0 && rule.falseAlerts === 0);
  return [
    table(
      ['attack', 'these rules', 'first', 'after', 'beside the shipped'],
      attacks.map(({ id, alone, beside }) => [
        id,
        verdict[alone.verdict](alone.verdict),
        alone.rule ?? '',
        seconds(alone.afterMs),
        beside.verdict,
      ]),
    ),
    ...(falseAlerts.length === 0
      ? []
      : [
          'False alerts in ordinary work',
          table(
            ['care scenario', 'rule', 'level', 'at', 'about'],
            falseAlerts.map(({ id, rule, level, atMs, subject }) => [
              id,
              rule,
              level,
              seconds(atMs),
              subject,
            ]),
          ),
        ]),
    ...(idle.length === 0 ? [] : [`Nothing here met ${idle.map(({ id }) => id).join(', ')}.`]),
    `${totals.caught} of ${attacks.length} attacks caught, ${totals.noticed} noticed, ${totals.missed} missed; ` +
      `${totals.falseAlerts} false alerts in ${care.length} care scenarios; ` +
      `median time to detect ${seconds(totals.medianAfterMs) || '-'}; with the shipped rules ${totals.besideCaught} caught`,
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({ head: [...head], chars: BARE, style: { head: [], border: [] } });
  for (const row of rows) drawn.push([...row]);
  return `${drawn.toString()}\n`;
}

function seconds(ms: number | null): string {
  return ms === null ? '' : `${(ms / 1_000).toFixed(0)} s`;
}
