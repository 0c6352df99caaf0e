import { describe, expect, it } from 'vitest';
import { bedsideLayout } from '../../../cli/commands/bedside-layout.ts';
import { seatAt } from './bedside-seat.ts';

const LEGEND = ['keys', 'and more keys'];

/** A terminal at an LVP with two high alarms. */
async function terminal() {
  const { session, type } = await seatAt('LVP-0001');
  const start = [
    'stop A',
    'programme A propofol rate 10 volume 50 weight 70',
    'confirm A override',
    'start A',
  ];
  for (const line of [...start, 'door A open', 'battery failed']) await type(line);
  const state = await session.look();
  expect(state.alarms.filter(({ priority }) => priority === 'high')).toHaveLength(2);
  const said = Array.from({ length: 9 }, (_, index) => `said ${index}`);
  return (rows: number) =>
    bedsideLayout({ state, paint: undefined, said, legend: LEGEND, prompt: 'nurse> _', columns: 80, rows });
}

describe('the terminal at a pump', () => {
  it('has all on 24 rows, and never more than it has', async () => {
    const lines = (await terminal())(24);
    expect(lines.length).toBeLessThanOrEqual(23);
    expect(lines).toEqual(expect.arrayContaining(LEGEND));
    expect(lines).toContain('said 8');
    expect(lines.at(-1)).toBe('nurse> _');
  });

  it.each([8, 10, 12, 15])('keeps on %i rows each high alarm, the answer and the prompt', async (rows) => {
    const lines = (await terminal())(rows);
    expect(lines.length).toBeLessThanOrEqual(rows - 1);
    expect(lines[1]).toMatch(/!!! A: DOOR OPEN|!!! BATTERY DEFECTIVE/);
    expect(lines[2]).toMatch(/!!! A: DOOR OPEN|!!! BATTERY DEFECTIVE/);
    expect(lines.slice(-2)).toEqual(['said 8', 'nurse> _']);
  });
});
