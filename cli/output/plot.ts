const EIGHTHS = ['', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Values as columns of blocks over a common ground of 0, with the highest value beside them. */
export function columnPlot(values: readonly number[], widthChars: number, heightRows: number): string {
  const columns = means(values, widthChars);
  const most = columns.reduce((a, b) => Math.max(a, b), 0);
  const scaled = columns.map((value) => (most > 0 ? (Math.max(0, value) / most) * heightRows : 0));
  const mark = most.toPrecision(3);
  return Array.from({ length: heightRows }, (_, row) => {
    const ground = heightRows - 1 - row;
    const line = scaled.map((height) => EIGHTHS[clampRound((height - ground) * 8, 8)] || ' ').join('');
    const label = row === 0 ? mark : ground === 0 ? '0' : '';
    return `${label.padStart(mark.length)} │${line.trimEnd()}\n`;
  }).join('');
}

/** A range on a line from `-most` to `most`, with its zero. */
export function rangeLine(from: number, to: number, most: number, widthChars: number): string {
  const half = Math.floor(widthChars / 2);
  const place = (value: number): number => half + clampRound((value / most) * half, half);
  const first = place(from);
  const last = place(to);
  return Array.from({ length: 2 * half + 1 }, (_, index) => {
    const within = index >= first && index <= last;
    if (index === half) return within ? '┿' : '│';
    return within ? '━' : ' ';
  })
    .join('')
    .trimEnd();
}

/** The mean of each of `count` equal parts; as they are where there are fewer. */
function means(values: readonly number[], count: number): readonly number[] {
  if (values.length <= count) return values;
  return Array.from({ length: count }, (_, index) => {
    const part = values.slice(
      Math.floor((index * values.length) / count),
      Math.floor(((index + 1) * values.length) / count),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

function clampRound(value: number, most: number): number {
  return Math.max(-most, Math.min(most, Math.round(value)));
}
