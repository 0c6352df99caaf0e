export interface Tick {
  readonly at: number;
  readonly text: string;
}

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly Tick[];
}

const NICE_STEPS = [1, 2, 5, 10];

/** An axis that spans the values, with about `count` ticks at round numbers; it ends on ticks. */
export function niceAxis(label: string, values: readonly number[], count = 5): Axis {
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const from = Number.isFinite(least) ? least : 0;
  const span = most - from > 0 ? most - from : Math.max(1, Math.abs(from));
  const magnitude = 10 ** Math.floor(Math.log10(span / count));
  const step = magnitude * (NICE_STEPS.find((nice) => nice * magnitude * count >= span) ?? 10);
  const first = Math.floor(from / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil((from + span) / step - 1e-9));
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => {
    const at = (first + index) * step;
    return { at, text: signed(at.toFixed(digits)) };
  });
  return { label, from: first * step, to: last * step, ticks };
}

const CLOCK_STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1_440];

/** An axis of simulated time in milliseconds from 0, labelled in minutes, or in hours when it is long. */
export function timeAxis(toMs: number): Axis {
  const minutes = Math.max(1, toMs / 60_000);
  const inHours = minutes > 240;
  const step =
    CLOCK_STEPS_MIN.find((each) => minutes / each <= 10) ?? Math.ceil(minutes / 10 / 1_440) * 1_440;
  const ticks = Array.from({ length: Math.floor(minutes / step + 1e-9) + 1 }, (_, index) => ({
    at: index * step * 60_000,
    text: String((index * step) / (inHours ? 60 : 1)),
  }));
  return { label: `time since the start in ${inHours ? 'h' : 'min'}`, from: 0, to: minutes * 60_000, ticks };
}

/** A minus sign instead of a hyphen, and no `-0`. */
function signed(text: string): string {
  return /^-0(?:\.0*)?$/.test(text) ? text.slice(1) : text.replace('-', '−');
}
