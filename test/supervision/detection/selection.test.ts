import { describe, expect, it } from 'vitest';
import type { EvidenceEvent } from '../../../protocol/index.ts';
import { compileSelection, selectionSchema } from '../../../supervision/detection/selection.ts';
import { event } from './events.ts';

const fits = (selection: object, parts: Partial<EvidenceEvent>) =>
  compileSelection(selectionSchema.parse(selection))(event(0, parts));

describe('a selection', () => {
  it('wants all that it names, and of a list one entry', () => {
    const selection = { event: ['publish.denied', 'subscribe.denied'], outcome: 'denied' };
    expect(fits(selection, { event: 'subscribe.denied' })).toBe(true);
    expect(fits(selection, { event: 'subscribe.denied', outcome: 'observed' })).toBe(false);
    expect(fits(selection, { event: 'session.refused' })).toBe(false);
  });

  it('takes null for what an event does not say', () => {
    expect(fits({ subject: null }, {})).toBe(true);
    expect(fits({ subjectKind: ['nurse', null] }, {})).toBe(true);
    expect(fits({ control: null }, { control: 'mutual-tls' })).toBe(false);
    expect(fits({ topic: null }, { object: 'pumps/LVP-0001/command' })).toBe(false);
  });

  it.each([
    ['a*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*c', 'a', false],
    ['aa*aa', 'aaa', false],
    ['*.refused', 'command.refused', true],
    ['*.refused', 'command.refused.not', false],
    ['*b*c*', 'a-b-c-d', true],
    ['*c*b*', 'a-b-c-d', false],
    ['a.c', 'abc', false],
    ['*', 'anything', true],
    ['a*b*b', 'ab', false],
    ['a*b*b', 'abb', true],
  ])('takes a star for any characters: %s and %s', (pattern, cause, expected) => {
    expect(fits({ cause: pattern }, { cause })).toBe(expected);
  });

  it('takes an MQTT filter for the topic, which a star is not', () => {
    expect(fits({ topic: 'pumps/+/command' }, { object: 'pumps/LVP-0001/command' })).toBe(true);
    expect(fits({ topic: 'pumps/#' }, { object: 'pumps/LVP-0001/command' })).toBe(true);
    expect(fits({ topic: 'pumps/*/command' }, { object: 'pumps/LVP-0001/command' })).toBe(false);
  });

  it('knows the pump of an event, whoever reports it', () => {
    const own = { subject: 'urn:pumprange:pump:LVP-0002' };
    expect(fits({ pump: 'LVP-0001' }, { ...own, object: 'pumps/LVP-0001/command' })).toBe(true);
    expect(fits({ pump: 'LVP-0001' }, { source: 'pump:LVP-0001' })).toBe(true);
    expect(fits({ pump: 'LVP-0002', subjectKind: 'pump', subjectId: 'LVP-0002' }, own)).toBe(true);
    expect(fits({ pump: null }, { subject: 'urn:pumprange:nurse-station:ns-01' })).toBe(true);
  });

  it('names something, and nothing that there is not', () => {
    expect(selectionSchema.safeParse({}).success).toBe(false);
    expect(selectionSchema.safeParse({ evnt: 'a' }).success).toBe(false);
    expect(selectionSchema.safeParse({ control: 'mutual-tsl' }).success).toBe(false);
  });
});
