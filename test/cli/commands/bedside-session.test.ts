import { describe, expect, it } from 'vitest';
import { factLine } from '../../../cli/commands/bedside-session.ts';
import { seatAt } from './bedside-seat.ts';

const LVP = 'LVP-0001';
const SYRINGE = 'SYR-0001';

describe('somebody who types at a pump', () => {
  it.each([
    [SYRINGE, 'second-bag A 50', 'refused: a Syringe pump takes no second bag'],
    [SYRINGE, 'syringe A 7 5', 'refused: a syringe here is one of 1, 5, 10, 20, 50 mL'],
    [LVP, 'syringe A 50 48', 'refused: a Large-volume pump takes no syringe'],
    [LVP, 'mains on', 'refused: the plug is in already'],
    [LVP, 'second-bag A 50', 'done'],
  ])('%s %s: %s', async (serial, line, said) => {
    const { type } = await seatAt(serial);
    expect(await type(line)).toEqual({ said: [said] });
  });

  it.each([
    ['heprin', '(did you mean heparin?)'],
    ['Heparin', '(did you mean heparin?)'],
    ['sodium chloride 9%', '(did you mean sodium chloride 0.9%?)'],
    ['zzzzzzzzzzz', '(`drugs` lists them)'],
  ])('is told which drug was meant by %s', async (drug, hint) => {
    const { type } = await seatAt(LVP);
    await type('stop A');
    const { said } = await type(`programme A ${drug} rate 25 volume 250`);
    expect(said).toEqual([expect.stringMatching(/^refused: .* is not in the library/)]);
    expect(said[0]).toContain(hint);
  });

  it('is told of no other drug where the drug is not what was refused', async () => {
    const { type } = await seatAt(LVP);
    await type('stop A');
    const { said } = await type('programme A propofol rate 300 volume 50 weight 70');
    expect(said).toEqual([expect.stringMatching(/^refused: [^(]*\[dose-limits\]$/)]);
  });

  it('finds in the help the code that is on the label for them, and only that', async () => {
    const { type, pump } = await seatAt(LVP);
    const page = async () => ((await type('?')).page ?? []).join('\n');
    expect(await page()).toContain(`code for \`unlock\`, for a nurse: ${pump.codes.nurse}`);
    expect(await page()).not.toContain(pump.codes.biomed);
    await type('lock');
    expect(await type('stop A')).toEqual({ said: ['refused: the keypad is locked'] });
    expect(await type(`unlock ${pump.codes.nurse}`)).toEqual({ said: ['accepted'] });
    await type('as biomed');
    expect(await page()).toContain(`for a biomed: ${pump.codes.biomed}`);
    await type('as patient');
    expect(await page()).not.toMatch(new RegExp(`label|${pump.codes.nurse}|${pump.codes.biomed}`, 'i'));
  });

  it('is told to switch off first what is to be switched on', async () => {
    const { type } = await seatAt(LVP);
    expect(await type('on new')).toEqual({ said: ['refused: the pump is on: switch it off first'] });
  });
});

it('what a pump tells of an alarm has the words of its display', () => {
  const fact = { fact: 'alarm', atMs: 0, channel: 'A', priority: 'medium' } as const;
  expect(factLine({ ...fact, alarm: 'downstream-occlusion', change: 'escalated' })).toMatch(
    /A alarm OCCLUSION DOWNSTREAM escalated \(medium priority\)$/,
  );
});
