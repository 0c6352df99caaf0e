import { type Cell, cellName, TABLE_LAYERS, type TruthTable } from '../network/index.ts';
import { junitDocument } from '../scenarios/index.ts';

/** A truth table as JUnit XML: a suite for each layer and zone, a case for each cell. */
export function checkJunit({ cells }: TruthTable): string {
  const suites = new Map<string, Cell[]>();
  for (const layer of TABLE_LAYERS) {
    for (const cell of cells.filter((one) => one.layer === layer)) {
      const name = `${layer} from ${cell.fromZone}`;
      const suite = suites.get(name);
      if (suite === undefined) suites.set(name, [cell]);
      else suite.push(cell);
    }
  }
  return junitDocument(
    [...suites].map(([name, suite]) => ({
      name,
      className: `pumprange.network.${name.replace(' from ', '.')}`,
      cases: suite.map((cell) => ({
        what: cellName(cell),
        ...(!cell.held && {
          failure: `expected ${cell.expected}, was ${cell.actual}; ${cell.why ?? cell.by}`,
        }),
      })),
    })),
    'reachability',
  );
}
