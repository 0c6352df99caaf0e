import { z } from 'zod';
import { durationSchema } from './duration.ts';
import { identitySchema, idSchema, nameSchema, pumpSchema } from './values.ts';
import { verb } from './verb.ts';

const who = z
  .union([
    z.strictObject({
      identity: identitySchema.describe(
        'Whoever spoke under this identity, at every address that the evidence has for it.',
      ),
    }),
    z.strictObject({ address: z.ipv4().describe('Whoever speaks from this address.') }),
  ])
  .describe('Whom it is about.');

export const quarantine = verb(
  'quarantine',
  'A device is moved out of reach: its connections end, and the network lets it open no other.',
  { who },
);
export const releaseQuarantine = verb('release-quarantine', 'What was moved out of reach comes back.', {
  who,
});
export const approveVendor = verb(
  'approve-vendor',
  'A biomedical engineer lets a vendor reach one service of one pump for a time.',
  {
    engineer: nameSchema.describe('Id of the engineer, of the kind `biomed`.'),
    vendor: nameSchema.describe('Id of the vendor.'),
    pump: pumpSchema,
    service: idSchema.describe('Name of the service of the pump.'),
    for: durationSchema.describe('How long; the session ends then, whatever is under way.'),
  },
);

const conduitSchema = z
  .strictObject({
    id: idSchema.optional().describe('Its name; absent: `<from>-to-<to>`.'),
    from: idSchema.describe('A zone, an asset with a place of its own, or `any`.'),
    to: idSchema.describe('An asset, a zone, or `any`.'),
    services: z
      .union([z.literal('any'), z.array(z.string().min(1).max(64)).min(1)])
      .describe('Names of services, or protocols with ports, such as tcp/443.'),
    over: z.enum(['ipv4', 'ipv6']).optional().describe('Absent: both versions of IP.'),
    why: z.string().min(1).max(300).default('Nobody wrote it down.'),
    until: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('When it closes by itself; absent: it stays.'),
  })
  .describe('What a rule lets through, as in a zone file.');

export const changeFirewall = verb(
  'change-firewall',
  'The rules between the zones change. Connections that are open go on or end, as the firewall is made.',
  {
    open: z.array(conduitSchema).default([]).describe('What it lets through from now on.'),
    close: z.array(idSchema).default([]).describe('Names of conduits that it does not any more.'),
    sessions: z
      .enum(['kept', 'ended'])
      .default('kept')
      .describe(
        'Whether connections that are open go on: kept, since a rule for established ones comes first, as usual, or ended.',
      ),
  },
);
const pairOfZones = z.tuple([idSchema, idSchema]).describe('Two zones.');
export const bridgeZones = verb(
  'bridge-zones',
  'A cable in the wrong port makes one network of two zones: who is in the one is in the other.',
  { zones: pairOfZones },
);
export const unbridgeZones = verb('unbridge-zones', 'The cable is taken out again.', { zones: pairOfZones });
export const partitionZones = verb(
  'partition-zones',
  'Nothing gets from one zone to another any more; connections between them end.',
  { zones: pairOfZones },
);
export const healPartition = verb('heal-partition', 'It does again.', { zones: pairOfZones });
