import { z } from 'zod';
import { pumpServiceSchema } from '../device-values.ts';
import { idSchema, pumpSchema } from '../values.ts';
import { verb } from '../verb.ts';
import { credentialSchema } from './credentials.ts';

/** What stands on a floor and listens. */
export const ASSETS = ['broker', 'enrolment', 'pump'] as const;
export const assetSchema = z
  .enum(ASSETS)
  .describe('broker: the MQTT broker; enrolment: where pumps get certificates; pump: services of pumps.');

const joinNetwork = verb(
  'join-network',
  'Somebody plugs a device in, or comes over the air, and asks for a zone. Its later connections come from where it got to.',
  {
    zone: idSchema.describe('Zone that it asks for.'),
    as: credentialSchema,
    over: z
      .enum(['ipv4', 'ipv6'])
      .default('ipv4')
      .describe('Version of IP that it speaks from there; a firewall may let through more of the one.'),
  },
);
const vendorSession = verb(
  'vendor-session',
  "Somebody comes in by a vendor's remote access, for one service of one pump: through the bastion where there is one, else straight " +
    'into the network in which the VPN ends.',
  { as: credentialSchema, pump: pumpSchema, service: pumpServiceSchema },
);
const probe = verb('probe', 'Looks what answers: opens a connection to every service, and closes it again.', {
  assets: z
    .array(assetSchema)
    .min(1)
    .default([...ASSETS])
    .describe('Where it looks; absent: everywhere.'),
});

const enrol = verb(
  'enrol',
  'Makes a key, and asks the enrolment service [RFC 7030] for a certificate for it in the name of a pump. One is there where the pumps of ' +
    'a scenario enrol, too (`enrolment`).',
  {
    as: credentialSchema,
    pump: pumpSchema.describe('Serial number that the request names.'),
    keepAs: idSchema.describe('Name of key and certificate for a `connect` with what was extracted.'),
  },
);

/** What an adversary does to stand somewhere else in the network, to see what it reaches from there, and to be somebody there. */
export const NETWORK_VERBS = [joinNetwork, vendorSession, probe, enrol] as const;
