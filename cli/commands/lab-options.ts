import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { takeDownEphemeral } from '../../testbed/index.ts';

/** How to run this command again, for processes that belong to it. */
export function ownProgram(): readonly string[] {
  return [process.execPath, resolve(process.argv[1] ?? '')];
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
