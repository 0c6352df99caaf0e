import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { HeapClock } from '../../clock/index.ts';
import { type Identity, isId, isKind, KINDS, PumprangeError } from '../../protocol/index.ts';
import { DEFAULT_DIR, KEY_ALGORITHMS, type KeyAlgorithm, openPki, type Pki } from '../../testbed/index.ts';

export interface DirOption {
  readonly dir: string;
}

export interface HolderOptions {
  readonly kind: string;
  readonly id: string;
}

export interface KeyOption {
  readonly key: KeyAlgorithm;
}

export function withDir(command: Command): Command {
  return command.option('--dir <d>', 'folder of the ward', DEFAULT_DIR);
}

export function withHolder(command: Command): Command {
  return command
    .requiredOption('--kind <kind>', KINDS.join(' | '))
    .requiredOption('--id <id>', 'name of the machine or person, e.g. observer-01');
}

export function withKey(command: Command, whose: string): Command {
  return command.addOption(new Option('--key <algorithm>', whose).choices(KEY_ALGORITHMS).default('p256'));
}

/** The PKI in the folder of a ward; made where there is none. */
export function openOrMake(dir: string, keyAlgorithm: KeyAlgorithm = 'p256'): Pki {
  return openPki({ dir: join(dir, 'pki'), clock: new HeapClock(Date.now()), keyAlgorithm });
}

/** PR_PKI_MISSING where there is none: who lists or revokes means one that is there. */
export function openExisting(dir: string): Pki {
  return openPki({ dir: join(dir, 'pki'), clock: new HeapClock(Date.now()), create: false });
}

/** @throws PumprangeError PR_PKI_NAME */
export function holderOf({ kind, id }: HolderOptions): Identity {
  if (!isKind(kind)) {
    throw new PumprangeError(
      'PR_PKI_NAME',
      `there is no kind ${JSON.stringify(kind)}; there are ${KINDS.join(', ')}`,
    );
  }
  if (!isId(id)) throw new PumprangeError('PR_PKI_NAME', `${JSON.stringify(id)} cannot be an id`);
  return { kind, id };
}
