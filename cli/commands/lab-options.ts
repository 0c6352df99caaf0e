import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { takeDownEphemeral } from '../../testbed/index.ts';

/** How to run this command again, for processes that belong to it. */
export function ownProgram(): readonly string[] {
  return [process.execPath, resolve(process.argv[1] ?? '')];
}

/** Of every command that builds one network. */
export function addNetworkOptions(command: Command): Command {
  return command
    .option(
      '--ruleset <file>',
      'nftables, iptables-save or a table of flows (.csv), instead of what the zones compile to',
    )
    .option(
      '--interface <zone=name>',
      'what the ruleset calls the interface of a zone; once for each',
      interfaceOf,
      {},
    )
    .option('--posture <id>', 'which controls are on', 'layered')
    .option('--ipv4-only', 'leave IPv6 out, as on a machine that has none');
}

/** Parses one `zone=name` of an option that may come several times. */
export function interfaceOf(text: string, others: Readonly<Record<string, string>>): Record<string, string> {
  const [, zone, name] = /^([a-z0-9-]+)=(.+)$/.exec(text) ?? [];
  if (zone === undefined || name === undefined) {
    throw new InvalidArgumentError('It is a zone and an interface, such as guest=eth1.22.');
  }
  return { ...others, [zone]: name };
}

/** Removes labs that a killed check or diff has left, and says so beside what was asked for. */
export function removeEphemeralLabs(): void {
  const removed = takeDownEphemeral();
  if (removed.length > 0) {
    process.stderr.write(`removed what killed runs have left of the labs ${removed.join(', ')}\n`);
  }
}
