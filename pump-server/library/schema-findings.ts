import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import {
  amountFits,
  type Concentration,
  concentrationText,
  drugLibrarySchema,
  isSameStrength,
  type LibraryFault,
  parseAmountUnit,
  parseDoseUnit,
} from '../../protocol/drug-library/index.ts';
import type { DataPath, LibraryRule, Remark } from './findings.ts';
import { quoted } from './quoted.ts';

type Issue = z.core.$ZodIssue;

/** What the schema holds against a library, each at the very member that is wrong, with its value. */
export function schemaRemarks(issues: readonly Issue[], data: unknown): readonly Remark[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    const value = valueAt(data, path);
    if (issue.code === 'custom') {
      const fault = faultOf(issue.params);
      if (fault !== undefined) return EXPLAIN[fault](path, value, issue.message);
    }
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) =>
        remark('schema', [...path, key], `${quoted(key)} is not known here${meant(key)}`),
      );
    }
    if (issue.code === 'too_small' && path.length === 1 && path[0] === 'entries') {
      return [remark('empty', path, 'no drugs')];
    }
    if (issue.code === 'too_big' && path.length === 1 && path[0] === 'entries') {
      return [
        remark(
          'too-many',
          path,
          `${Array.isArray(value) ? value.length : 'too many'} drugs, and at most 10,000`,
        ),
      ];
    }
    const name = path.at(-1);
    if (value === undefined) return [remark('schema', path, `${name ?? 'the library'} is missing`)];
    return [remark('schema', path, `${name ?? 'the library'}: ${quoted(value)}: ${issue.message}`)];
  });
}

type Explain = (path: DataPath, value: unknown, message: string) => readonly Remark[];

/** What is behind a fault, found in the value again. */
const EXPLAIN: Readonly<Record<LibraryFault, Explain>> = {
  'bounds-order': (path, value, message) => {
    const given = BOUNDS.map(([member, name]) => ({ member, name, bound: valueAt(value, [member]) }));
    const wrong: Remark[] = [];
    let before: (typeof given)[number] | undefined;
    for (const one of given) {
      if (typeof one.bound !== 'number') continue;
      if (before !== undefined && one.bound < Number(before.bound)) {
        const text = `${one.name} ${one.bound} is below the ${before.name} ${String(before.bound)}`;
        wrong.push(remark('bounds-order', [...path, one.member], text));
      }
      before = one;
    }
    // One below nothing is named as such already.
    const isNamed = given.some(({ bound }) => typeof bound === 'number' && bound < 0);
    return wrong.length > 0 || isNamed ? wrong : [remark('bounds-order', path, message)];
  },
  'no-limits': (path, value) => [
    remark('no-limits', [...path, 'limits'], `${drugOf(value)} has no limit at all`),
  ],
  units: (path, value, message) => {
    const concentrations = [
      { at: ['concentration'], of: concentrationAt(value, ['concentration']) },
      ...listAt(value, 'otherConcentrations').map((_, index) => {
        const at = ['otherConcentrations', index];
        return { at, of: concentrationAt(value, at) };
      }),
    ];
    const units = [
      { member: ['doseUnit'], name: 'dose unit', parts: parseDoseUnit(textAt(value, ['doseUnit'])) },
      {
        member: ['bolusLimits', 'unit'],
        name: 'unit of the bolus',
        parts: parseAmountUnit(textAt(value, ['bolusLimits', 'unit'])),
      },
      {
        member: ['pca', 'amountUnit'],
        name: 'unit of PCA',
        parts: parseAmountUnit(textAt(value, ['pca', 'amountUnit'])),
      },
    ];
    const wrong = units.flatMap(({ member, name, parts }) =>
      concentrations.flatMap(({ of }) =>
        parts === undefined || of === undefined || amountFits(of, parts.amountUnit)
          ? []
          : [
              remark(
                'units',
                [...path, ...member],
                `${drugOf(value)}: the ${name} ${textAt(value, member)} does not convert into ${concentrationText(of)}`,
              ),
            ],
      ),
    );
    return wrong.length > 0 ? wrong : [remark('units', path, message)];
  },
  'duplicate-concentration': (path, value) => {
    const others = listAt(value, 'otherConcentrations').map((_, index) =>
      concentrationAt(value, ['otherConcentrations', index]),
    );
    const all = [concentrationAt(value, ['concentration']), ...others];
    return all.flatMap((one, index) => {
      const first = all.findIndex(
        (other) => one !== undefined && other !== undefined && isSameStrength(one, other),
      );
      if (one === undefined || first === -1 || first === index) return [];
      const text = `${drugOf(value)}: ${concentrationText(one)} is as strong as a concentration before it`;
      return [remark('duplicate-concentration', [...path, 'otherConcentrations', index - 1], text)];
    });
  },
  'duplicate-drug': (path, value) => {
    const first = new Map<string, number>();
    return (Array.isArray(value) ? value : []).flatMap((entry, index) => {
      const drug = textAt(entry, ['drug']);
      const earlier = first.get(drug);
      if (earlier === undefined) {
        first.set(drug, index);
        return [];
      }
      const message = `${quoted(drug)} is there already,`;
      return [{ rule: 'duplicate-drug', path: [...path, index, 'drug'], message, other: [...path, earlier] }];
    });
  },
};

const BOUNDS = [
  ['hardMin', 'hard minimum'],
  ['softMin', 'soft minimum'],
  ['softMax', 'soft maximum'],
  ['hardMax', 'hard maximum'],
] as const;

function remark(rule: LibraryRule, path: DataPath, message: string): Remark {
  return { rule, path, message };
}

function faultOf(params: Readonly<Record<string, unknown>> | undefined): LibraryFault | undefined {
  const fault = params?.['fault'];
  return typeof fault === 'string' && isFault(fault) ? fault : undefined;
}

function isFault(text: string): text is LibraryFault {
  return Object.hasOwn(EXPLAIN, text);
}

function valueAt(value: unknown, path: DataPath): unknown {
  return path.reduce<unknown>(
    (at, part) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, part) ? Reflect.get(at, part) : undefined,
    value,
  );
}

function textAt(value: unknown, path: DataPath): string {
  const found = valueAt(value, path);
  return typeof found === 'string' ? found : '';
}

function listAt(value: unknown, member: string): readonly unknown[] {
  const found = valueAt(value, [member]);
  return Array.isArray(found) ? found : [];
}

/** The schema has been through it: what is there has its form. */
function concentrationAt(value: unknown, path: DataPath): Concentration | undefined {
  const found = drugLibrarySchema.shape.entries.element.shape.concentration.safeParse(valueAt(value, path));
  return found.success ? found.data : undefined;
}

function drugOf(entry: unknown): string {
  const drug = textAt(entry, ['drug']);
  return drug === '' ? 'the drug' : quoted(drug).slice(1, -1);
}

let known: readonly string[] | undefined;

function meant(key: string): string {
  known ??= [...memberNames(z.toJSONSchema(drugLibrarySchema, { io: 'input' }))];
  const near = closest(key, [...known]);
  return distance(key.toLowerCase(), near.toLowerCase()) <= 2 ? `; "${near}"?` : '';
}

function memberNames(schema: unknown): Set<string> {
  const names = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (name === 'properties' && typeof inner === 'object' && inner !== null) {
        for (const member of Object.keys(inner)) names.add(member);
      }
      walk(inner);
    }
  };
  walk(schema);
  return names;
}
