import { expect, it } from 'vitest';
import { seatAt } from '../cli/commands/bedside-seat.ts';
import { pages } from './markdown.ts';

/** What somebody types in the `text` blocks of the page, each with the answer that stands below it. */
function conversation(page: string): { readonly line: string; readonly answer: string | undefined }[] {
  const blocks = [...page.matchAll(/^```text\n([\s\S]*?)^```$/gm)].map(([, body = '']) => body);
  const lines = blocks.join('').trim().split('\n');
  return lines.flatMap((line, index) => {
    if (!line.startsWith('nurse> ')) return [];
    const after = lines[index + 1];
    return [{ line: line.slice('nurse> '.length), answer: after?.startsWith('nurse> ') ? undefined : after }];
  });
}

it('the session of docs/bedside.md is answered as it stands there', async () => {
  const typed = conversation(pages().get('docs/bedside.md') ?? '');
  expect(typed.length).toBeGreaterThan(12);
  const { type, pump } = await seatAt('LVP-0001');
  const story: string[] = [];
  pump.onFact((fact) => story.push(fact.fact === 'event' ? fact.event : `${fact.alarm} ${fact.change}`));
  // The first line asks for an infusion that runs.
  for (const line of ['programme A propofol rate 5 volume 50 weight 70', 'confirm A override', 'start A'])
    await type(line);
  for (const { line, answer } of typed) {
    const { said } = await type(line);
    const pattern = (answer ?? '').split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    expect({ line, said: said.join('\n') }).toEqual({
      line,
      said: expect.stringMatching(new RegExp(`^${pattern.join('.+')}$`)),
    });
  }
  expect(story.filter((what) => what === 'downstream-occlusion raised')).toHaveLength(2);
  expect(story.filter((what) => what === 'auto-restarted')).toHaveLength(1);
});
