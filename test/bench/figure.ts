/** One figure: a value, the baseline of the same run that it is compared with, and their ratio. */
export interface Figure {
  readonly value: number;
  readonly unit: string;
  readonly baseline: number;
  readonly ratio: number;
  readonly note: string;
}

/** All figures of this run, by name. */
export const figures: Record<string, Figure> = {};

export function figure(name: string, value: number, unit: string, baseline: number, note: string): void {
  const ratio = value / baseline;
  figures[name] = { value: round(value), unit, baseline: round(baseline), ratio: round(ratio), note };
  console.log(
    `${name.padEnd(34)} ${String(round(value)).padStart(10)} ${unit.padEnd(22)} baseline ${String(round(baseline)).padStart(10)}  ratio ${round(ratio)}  ${note}`,
  );
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

export function perCallUs(calls: number, work: () => unknown): number {
  for (let call = 0; call < calls / 10; call++) work();
  const startedAt = performance.now();
  for (let call = 0; call < calls; call++) work();
  return ((performance.now() - startedAt) * 1_000) / calls;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
