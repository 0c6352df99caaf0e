import type { MaintenanceWindow } from '../../protocol/index.ts';

const DAY_MS = 86_400_000;

/** A stretch of time; `untilMs` is not part of it. */
export interface Opening {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The maintenance window that is open at a time, or the next one; `null`: there is none, and any time is right. */
export function openingAt(windows: readonly MaintenanceWindow[], atMs: number): Opening | null {
  const today = Math.floor(atMs / DAY_MS) * DAY_MS;
  const openings = [-1, 0, 1].flatMap((day) =>
    windows.map(({ from, to }) => {
      const fromMs = today + day * DAY_MS + ofDay(from);
      const untilMs = today + day * DAY_MS + ofDay(to);
      return { fromMs, untilMs: untilMs > fromMs ? untilMs : untilMs + DAY_MS };
    }),
  );
  const ahead = openings.filter(({ untilMs }) => untilMs > atMs).sort((a, b) => a.fromMs - b.fromMs);
  return ahead[0] ?? null;
}

function ofDay(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return (hours * 60 + minutes) * 60_000;
}
