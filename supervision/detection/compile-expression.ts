import { type Expression, parseExpression } from './expression.ts';
import type { Predicate } from './selection.ts';

/**
 * An expression over named selections as a function.
 * @throws RangeError for one that the schema of rules does not take
 */
export function compileExpression(text: string, selections: ReadonlyMap<string, Predicate>): Predicate {
  const expression = parseExpression(text);
  if ('fault' in expression) throw new RangeError(expression.fault);
  return compile(expression, selections);
}

function compile(expression: Expression, selections: ReadonlyMap<string, Predicate>): Predicate {
  switch (expression.kind) {
    case 'selection': {
      const predicate = selections.get(expression.name);
      if (predicate === undefined) throw new RangeError(`there is no selection ${expression.name}`);
      return predicate;
    }
    case 'some':
    case 'every': {
      const { kind, prefix } = expression;
      const named = [...selections]
        .filter(([name]) => name.startsWith(prefix))
        .map(([, predicate]) => predicate);
      return (event) => named[kind]((predicate) => predicate(event));
    }
    case 'not': {
      const predicate = compile(expression.of, selections);
      return (event) => !predicate(event);
    }
    case 'and':
    case 'or': {
      const parts = expression.of.map((one) => compile(one, selections));
      const how = expression.kind === 'and' ? 'every' : 'some';
      return (event) => parts[how]((predicate) => predicate(event));
    }
  }
}
