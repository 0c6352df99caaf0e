import type { WeaknessId } from '../../protocol/firmware/index.ts';
import type { RequestVerb } from './request.ts';

/** Services of a pump on its own address. Names, ports and protocol are fictitious. */
export const SERVICE_NAMES = ['console', 'files', 'diagnostics', 'session'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

export interface Service {
  readonly title: string;
  /** Where it listens on a live ward; a rehearsal takes any port. Below the range that systems hand out. */
  readonly port: number;
  /** Firmware has it if it has one of these; `always`: every version does. */
  readonly comesWith: readonly WeaknessId[] | 'always';
  /** Whether it asks for a login unless `open-console` lets everybody in. */
  readonly needsLogin: boolean;
  readonly verbs: ReadonlySet<RequestVerb>;
  /** A longer line ends the connection. */
  readonly longestLineBytes: number;
}

const READING = ['IDENT', 'CONFIG', 'LOG', 'STORED', 'READ', 'BYE'] as const;
const KIB = 1024;

export const SERVICES: Readonly<Record<ServiceName, Service>> = {
  console: {
    title: 'maintenance console',
    port: 20_023,
    comesWith: ['open-console', 'default-credential'],
    needsLogin: true,
    verbs: new Set(['LOGIN', ...READING, 'SET', 'CALIBRATE', 'CLEAR-LOG', 'IMPORT']),
    longestLineBytes: 16 * KIB,
  },
  files: {
    title: 'file service',
    port: 20_021,
    comesWith: ['unrestricted-upload'],
    needsLogin: false,
    verbs: new Set(['IDENT', 'PUT', 'BYE']),
    longestLineBytes: 2 * KIB * KIB,
  },
  diagnostics: {
    title: 'diagnostics',
    port: 20_080,
    comesWith: 'always',
    needsLogin: false,
    verbs: new Set(READING),
    longestLineBytes: KIB,
  },
  session: {
    title: 'session service',
    port: 20_069,
    comesWith: 'always',
    needsLogin: false,
    verbs: new Set(['HELLO', 'BYE']),
    longestLineBytes: KIB,
  },
};

/** Whether a firmware with these weaknesses has the service at all. */
export function hasService(name: ServiceName, weaknesses: readonly WeaknessId[]): boolean {
  const { comesWith } = SERVICES[name];
  return comesWith === 'always' || comesWith.some((id) => weaknesses.includes(id));
}
