import { PumprangeError } from '../../protocol/index.ts';

/** Whose addresses a process of a zone has: those of all its assets, or that of somebody who has just come. */
export type Side = 'assets' | 'visitor';

/** Where in a lab a process runs. */
export interface LabPlace {
  readonly zone: string;
  readonly side: Side;
}

export const DEFAULT_LAB = 'lab';

/** No dash: of the namespaces of two labs, none begins like those of the other. */
const LAB_NAME = /^[a-z][a-z0-9]{0,11}$/;

/**
 * @returns the name, if a lab may have it
 * @throws PumprangeError `PR_USAGE`
 */
export function labName(text: string): string {
  if (isLabName(text)) return text;
  throw new PumprangeError(
    'PR_USAGE',
    `${JSON.stringify(text)} is no name of a lab: up to 12 lower-case letters and digits, a letter first`,
  );
}

export function isLabName(text: string): boolean {
  return LAB_NAME.test(text);
}

export function routerNamespace(lab: string): string {
  return `pr-${lab}-router`;
}

/** @returns the lab whose router has that namespace; `undefined`: it is no router's */
export function labOfRouter(namespace: string): string | undefined {
  const [, lab = ''] = /^pr-([^-]+)-router$/.exec(namespace) ?? [];
  return isLabName(lab) ? lab : undefined;
}

export function namespaceOf(lab: string, { zone, side }: LabPlace): string {
  return side === 'assets' ? `pr-${lab}-${zone}` : `pr-${lab}-${zone}-visitor`;
}

/**
 * The namespaces of a lab: the router's first, then two for each zone, that of its assets and that of a visitor.
 *
 * @throws PumprangeError `PR_ZONES_INVALID` where two would have one name
 */
export function namespacesOf(lab: string, zones: readonly { readonly id: string }[]): readonly string[] {
  const names = [
    routerNamespace(lab),
    ...zones.flatMap(({ id }) => [
      namespaceOf(lab, { zone: id, side: 'assets' }),
      namespaceOf(lab, { zone: id, side: 'visitor' }),
    ]),
  ];
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined) return names;
  throw new PumprangeError('PR_ZONES_INVALID', `in the lab, two places would be the namespace ${twice}`);
}

/** Whether a namespace is one of a lab's. */
export function isOfLab(namespace: string, lab: string): boolean {
  return namespace.startsWith(`pr-${lab}-`);
}
