import { resolve } from 'node:path';
import type { Command } from 'commander';
import {
  type DiffSide,
  diffNetworks,
  diffPage,
  loadExercise,
  SHIPPED_ZONES,
  writeFileWhole,
} from '../../testbed/index.ts';
import { diffText } from '../output/diff-text.ts';
import { progressLine } from '../output/progress.ts';
import { colors, print } from '../output/terminal.ts';
import { interfaceOf, ownProgram, removeEphemeralLabs } from './lab-options.ts';
import { durationMs, wholeNumber } from './options.ts';

interface DiffOptions {
  readonly zones: string;
  readonly interface: Readonly<Record<string, string>>;
  readonly idleTimeout?: number;
  readonly json?: string;
  readonly html?: string;
  readonly pumps: number;
  readonly posture: string;
  readonly ipv4Only?: true;
}

export function addNetworkDiff(network: Command, done: (exitCode: number) => void): void {
  const shipped = SHIPPED_ZONES.join(', ');
  network
    .command('diff')
    .description(
      'what a change opens, closes and breaks: both networks are built and probed, and rehearsed on; needs root',
    )
    .argument('<old>', `${shipped}, a file of zones, or a ruleset (nft, iptables-save, .csv)`)
    .argument('<new>', 'likewise')
    .option('--zones <plan>', 'the zones of a ruleset', SHIPPED_ZONES[0])
    .option(
      '--interface <zone=name>',
      'what rulesets call the interface of a zone; once for each',
      interfaceOf,
      {},
    )
    .option('--idle-timeout <t>', 'after which the new firewall forgets an idle session, e.g. 2m', durationMs)
    .option('--json <file>', 'write it as JSON')
    .option('--html <file>', 'write it as a page')
    .option('--pumps <n>', 'how many pumps', wholeNumber(1, 200), 2)
    .option('--posture <id>', 'which controls are on while it is probed', 'layered')
    .option('--ipv4-only', 'leave IPv6 out, as on a machine that has none')
    .action(async (old: string, now: string, options: DiffOptions) => {
      removeEphemeralLabs();
      const progress = progressLine(false, '');
      const side = (text: string): DiffSide => sideFrom(text, options);
      const diff = await diffNetworks(loadExercise(), {
        ...{ old: side(old), new: side(now), pumps: options.pumps, posture: options.posture },
        ...{ ipv4Only: options.ipv4Only === true, idleTimeoutMs: options.idleTimeout },
        ...{ program: ownProgram(), progress: (what, ended, of) => progress.tellOf(what, ended, of) },
      }).finally(progress.done);
      if (options.json !== undefined) writeFileWhole(options.json, `${JSON.stringify(diff, null, 2)}\n`);
      if (options.html !== undefined) writeFileWhole(options.html, diffPage(diff));
      await print(`${diffText(diff, colors)}\n`);
      done(diff.care.broken.length === 0 ? 0 : 1);
    });
}

/** A plan is YAML, or one of ours; all else is a ruleset. */
function sideFrom(text: string, { zones, interface: interfaces }: DiffOptions): DiffSide {
  const isPlan = SHIPPED_ZONES.some((one) => one === text) || /\.ya?ml$/i.test(text);
  if (!isPlan) return { zones, ruleset: resolve(text), interfaces };
  // The plan of the rulesets has their interfaces, so that it is the same place.
  return text === zones ? { zones, interfaces } : { zones: text };
}
