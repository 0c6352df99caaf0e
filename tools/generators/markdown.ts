/** The line that stands at the head of a page that nobody edits. */
export function generatedFrom(source: string): string {
  return `<!-- Generated from ${source} by \`npm run generate\`. Do not edit. -->`;
}

/** A row of a table; a bar in a cell stays a bar. */
export function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** Lines as a file has them. */
export function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
