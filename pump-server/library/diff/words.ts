import type { Change } from './change.ts';

const MARKS: Readonly<Record<Change['effect'], string>> = {
  loosened: '  LOOSENED',
  tightened: '  tightened',
  unclear: '  UNCLEAR: compare by hand',
  none: '',
};

/** Of libraries that follow their rules: nothing in them can upset a terminal. `propofol: hard maximum 95 → 120 mcg/kg/min  LOOSENED` */
export function changeText({ drug, what, before, after, effect }: Change): string {
  const subject = drug === null ? '' : `${drug}: `;
  const mark = MARKS[effect];
  if (what === 'drug') {
    return before === null
      ? `${subject}added, with ${after}${mark}`
      : `${subject}removed, and with it ${before}; it runs outside the library only, without limits${mark}`;
  }
  return `${subject}${what} ${fromTo(before, after)}${mark}`;
}

/** The unit once where it is the same. */
function fromTo(before: string | null, after: string | null): string {
  const [left, right] = [before ?? 'none', after ?? 'none'];
  const [unit, unitAfter] = [left, right].map((text) => /^\S+( \S+)$/.exec(text)?.[1]);
  const once = unit !== undefined && unit === unitAfter;
  return `${once ? left.slice(0, -unit.length) : left} → ${right}`;
}
