import { type Identity, parseSerial, topicFilter, urnOf } from '../../protocol/index.ts';
import { RULES, type Rule } from '../policy/rules.ts';

export interface AccessOptions {
  /** Everybody who may connect. Mosquitto has no roles: whoever is not named may nothing. */
  readonly identities: readonly Identity[];
  /** Who may read how the broker fares, below `$SYS/broker`. */
  readonly watcher?: Identity | undefined;
}

/**
 * The policy as an access file of Mosquitto (mosquitto.conf(5), `acl_file`): a pure function of the same rules by which our own broker
 * decides. What is not listed is denied.
 *
 * The username is the common name of the certificate, `urn:pumprange:<kind>:<id>`. A `pattern` with `%u` would need the serial number
 * alone as username, and would hold for every kind; so each holder has a section of its own.
 */
export function mosquittoAccessRules({ identities, watcher }: AccessOptions): string {
  const names = [...new Map(identities.map((identity) => [urnOf(identity), identity])).entries()];
  const sections = names
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([urn, identity]) => section(urn, linesOf(identity)))
    .filter((text) => text !== '');
  return [
    '# TEST ONLY. Generated from the policy of Pumprange (broker/policy/rules.ts); changes are lost.',
    ...sections,
    ...(watcher === undefined ? [] : [section(urnOf(watcher), ['topic read $SYS/broker/#'])]),
    '',
  ].join('\n');
}

function section(urn: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : ['', `user ${urn}`, ...lines].join('\n');
}

function linesOf(identity: Identity): string[] {
  const { publish, subscribe } = RULES[identity.kind];
  return [
    ...publish.flatMap((rule) => lineOf('write', rule, identity)),
    ...subscribe.flatMap((rule) => lineOf('read', rule, identity)),
  ];
}

function lineOf(access: 'read' | 'write', { topics, whose }: Rule, { kind, id }: Identity): string[] {
  const serial = whose === 'own' && kind === 'pump' ? parseSerial(id) : undefined;
  // What is its own only a pump has.
  if (whose === 'own' && serial === undefined) return [];
  return [`topic ${access} ${topicFilter(topics, serial ?? '+')}`];
}
