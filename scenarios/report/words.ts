/** `2.4 mL`; what is less than a hundredth of a millilitre is still told. */
export function ml(volumeMl: number): string {
  return `${figure(volumeMl)} mL`;
}

/** At most two decimals, and none where they say nothing. */
export function figure(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.005) return value < 0 ? '> −0.01' : '< 0.01';
  return Number(value.toFixed(2)).toLocaleString('en-GB');
}

/** `5:30`: minutes and seconds of a rehearsal. */
export function clockTime(offsetMs: number): string {
  const s = Math.floor(offsetMs / 1_000);
  const [h, min, sec] = [Math.floor(s / 3_600), Math.floor((s % 3_600) / 60), s % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return h === 0 ? `${min}:${two(sec)}` : `${h}:${two(min)}:${two(sec)}`;
}

/** `45 s`, `2 min 30 s` */
export function duration(milliseconds: number): string {
  const s = Math.round(milliseconds / 1_000);
  if (s < 60) return `${s} s`;
  const rest = s % 60;
  return rest === 0 ? `${s / 60} min` : `${Math.floor(s / 60)} min ${rest} s`;
}

/** `1 attack`, `3 attacks` */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-GB')} ${number === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c`; of many only the first, and how many more. */
export function listed(items: readonly string[], most = 8): string {
  if (items.length < 2) return items.join('');
  if (items.length > most)
    return `${items.slice(0, most - 1).join(', ')} and ${items.length - most + 1} more`;
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
