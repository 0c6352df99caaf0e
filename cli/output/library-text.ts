import { type CheckReport, changeText, type DiffReport, findingLine } from '../../testbed/index.ts';
import { colors } from './terminal.ts';

/** As many findings of a file as a terminal is told; `--json` has all. */
const MOST_TOLD = 200;

/** The findings of libraries, each with its line and its way out, and what came of each file. */
export function checkText({ banner, files }: CheckReport): string {
  const parts = files.map(({ file, library, findings }) => {
    const told = findings.slice(0, MOST_TOLD).map((finding) => {
      const line = findingLine(file, finding);
      return `${finding.severity === 'error' ? colors.red(line) : line}\n  ${finding.wayOut}\n`;
    });
    const more = findings.length - told.length;
    if (more > 0) told.push(`and ${more} more; --json has them\n`);
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    const found = `${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}`;
    const what =
      library === null
        ? 'REFUSED'
        : `${library.id} ${library.version} for ${library.careArea}, ${count(library.drugs, 'drug')}`;
    return `${told.join('')}${colors.bold(`${file}: ${what}: ${found}`)}\n`;
  });
  return [`${banner}\n`, ...parts].join('');
}

/** What changed, one line each, and how much of it protects less. */
export function diffText({
  banner,
  before,
  after,
  changes,
  loosened,
  tightened,
  unclear,
}: DiffReport): string {
  const side = ({ id, version, sequence, careArea }: DiffReport['before']): string =>
    `${id} ${version} (${careArea}, sequence ${sequence})`;
  return [
    `${banner}\n`,
    `${side(before)} → ${side(after)}\n`,
    ...changes.map((change) => {
      const line = `${changeText(change)}\n`;
      return change.effect === 'loosened' || change.effect === 'unclear' ? colors.red(line) : line;
    }),
    `${count(changes.length, 'change')}: ${loosened} loosened, ${tightened} tightened, ${unclear} unclear\n`,
  ].join('');
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
