import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decide } from '../../broker/policy/decide.ts';
import { CONTROL_IDS, Composer, KINDS, parseSerial, parseTopic, pumpTopic } from '../../protocol/index.ts';
import { asyncApiDocument } from '../../tools/generators/asyncapi.ts';
import { HOUSE } from '../../tools/house.ts';

const role = z.strictObject({ kind: z.enum(KINDS), whose: z.enum(['own', 'any']).optional() });
/** As much of the document as the tests read. */
const document = z
  .object({
    channels: z.record(
      z.string(),
      z.object({
        address: z.string(),
        'x-publish': z.array(role),
        'x-subscribe': z.array(role),
        'x-retained': z.boolean(),
      }),
    ),
    operations: z.record(z.string(), z.object({ action: z.enum(['send', 'receive']) })),
    components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
  })
  .parse(asyncApiDocument('0.0.0'));

const SERIAL = parseSerial('LVP-0001')!;
const VALUES: Readonly<Record<string, string>> = {
  serial: SERIAL,
  careArea: 'adult-icu',
  model: 'lvp',
  digest: 'a'.repeat(64),
  offset: '0',
};
const controls = new Set(CONTROL_IDS);

/** A topic of a channel. */
function topicOf(address: string): string {
  return address.replaceAll(/\{(\w+)\}/g, (_, name: string) => VALUES[name] ?? name);
}

describe('the AsyncAPI document', () => {
  it('is valid to the parser of the specification', async () => {
    const { document: parsed, diagnostics } = await new Parser().parse(
      readFileSync(join(HOUSE, 'docs/protocol.asyncapi.json'), 'utf8'),
    );
    expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([]);
    expect(parsed?.channels().length).toBe(Object.keys(document.channels).length);
  });

  it('is refused by that parser when a reference is broken', async () => {
    const broken = JSON.stringify(asyncApiDocument('0.0.0')).replaceAll('/channels/status', '/channels/gone');
    const { diagnostics } = await new Parser().parse(broken);
    expect(diagnostics.some(({ severity }) => severity === 0)).toBe(true);
  });

  it.each(Object.entries(document.channels))(
    '%s has an address that is a topic of ours',
    (_, { address }) => {
      expect(parseTopic(topicOf(address))).toBeDefined();
    },
  );

  it.each(Object.entries(document.channels))('%s names those whom the broker lets publish', (_, channel) => {
    const allowed = KINDS.filter(
      (kind) =>
        decide(
          { kind, id: SERIAL },
          { action: 'publish', topic: topicOf(channel.address), retain: channel['x-retained'] },
          controls,
        ).allowed,
    );
    expect(channel['x-publish'].map(({ kind }) => kind)).toEqual(allowed);
  });

  it.each(Object.entries(document.channels))('%s names those whom the broker lets read', (_, channel) => {
    const allowed = KINDS.filter(
      (kind) =>
        decide({ kind, id: SERIAL }, { action: 'subscribe', filter: topicOf(channel.address) }, controls)
          .allowed,
    );
    expect(channel['x-subscribe'].map(({ kind }) => kind)).toEqual(allowed);
  });

  it('lets a pump send and receive its own topics only', () => {
    const roles = Object.values(document.channels).flatMap((channel) => [
      ...channel['x-publish'],
      ...channel['x-subscribe'],
    ]);
    const others = roles.filter(({ kind, whose }) => kind === 'pump' && whose === 'any');
    expect(others).toEqual([]);
  });

  it('has payload schemas that take what is composed and refuse what is not', () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(
      document.components.schemas['receipt']!,
    );
    const composer = new Composer({ kind: 'pump-server', id: 'server-01' }, 'boot-1', () => 0);
    const receipt = composer.compose('receipt', { upToSeq: 4 }, { to: 'urn:pumprange:pump:LVP-0001' });
    expect(validate(receipt)).toBe(true);
    expect(validate({ ...receipt, to: 'urn:pumprange:visitor:1' })).toBe(false);
    expect(validate({ ...receipt, extra: 1 })).toBe(false);
    expect(validate({ ...receipt, body: { upToSeq: -1 } })).toBe(false);
  });

  it('retains what the design retains, and no command', () => {
    const retained = Object.values(document.channels)
      .filter((channel) => channel['x-retained'])
      .map(({ address }) => topicOf(address));
    expect(retained).toContain(pumpTopic(SERIAL, 'status'));
    expect(retained).not.toContain(pumpTopic(SERIAL, 'command'));
  });
});
