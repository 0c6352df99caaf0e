import { existsSync, readFileSync } from 'node:fs';
import { PumprangeError } from '../../protocol/index.ts';

/** What the lab asks of the user and of the machine. */
export interface LabRights {
  /** Of this process, as the kernel has them [capabilities(7)]. */
  readonly capabilities: bigint;
  readonly ipv6: boolean;
}

const NEEDED: readonly (readonly [name: string, bit: bigint])[] = [
  ['CAP_NET_ADMIN', 12n],
  ['CAP_SYS_ADMIN', 21n],
];

/** Looks at this process and its machine. On systems that are not Linux there are no capabilities, so none is held. */
export function ownRights(): LabRights {
  let capabilities = 0n;
  try {
    const [, hex] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    capabilities = BigInt(`0x${hex ?? '0'}`);
  } catch {
    // No Linux.
  }
  return { capabilities, ipv6: existsSync('/proc/net/if_inet6') };
}

/** The capabilities that are missing. */
export function lackingCapabilities({ capabilities }: Pick<LabRights, 'capabilities'>): readonly string[] {
  return NEEDED.filter(([, bit]) => ((capabilities >> bit) & 1n) === 0n).map(([name]) => name);
}

/** @throws PumprangeError `PR_LAB_PRIVILEGE`, `PR_LAB_NO_IPV6` */
export function demand(rights: LabRights, withIpv6: boolean): void {
  const lacking = lackingCapabilities(rights);
  if (lacking.length > 0) {
    throw new PumprangeError('PR_LAB_PRIVILEGE', `this process lacks ${lacking.join(' and ')}`);
  }
  if (withIpv6 && !rights.ipv6) {
    throw new PumprangeError('PR_LAB_NO_IPV6', 'zones of the plan have `ipv6`, and the kernel has none');
  }
}
