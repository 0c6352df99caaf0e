import type { Team } from './actions.ts';
import { VERB_TEAMS } from './actions.ts';
import type { DataPath, Problem } from './diagnostics/problem.ts';
import { type Found, fieldOf, listOf, textOf, textsUnder } from './diagnostics/raw.ts';
import { suggestion } from './diagnostics/suggest.ts';
import { parseDurationMs } from './duration.ts';
import { type FirmwareVersions, firmwareProblems } from './firmware-check.ts';
import { expandFleet, fleetEntrySchema } from './fleet.ts';

/** What exists outside the file; a list that is absent is not checked. */
export interface KnownNames {
  readonly postures?: readonly string[] | undefined;
  readonly detectionRules?: readonly string[] | undefined;
  /** Zones of the network. */
  readonly zones?: readonly string[] | undefined;
  readonly playbooks?: readonly string[] | undefined;
  readonly firmware?: FirmwareVersions | undefined;
}

/**
 * What no schema can say: that the names in a scenario mean something and its times lie within it. It reads data that
 * may not follow the schema, so that both kinds of fault are told in one go.
 */
export function crossCheck(data: unknown, known: KnownNames): Problem[] {
  return [
    ...fleetProblems(data),
    ...firmwareProblems(data, known.firmware),
    ...duplicates(textsIn(data, 'steps', 'id'), 'step id'),
    ...duplicates(textsIn(data, 'expectations', 'id'), 'expectation id'),
    ...teamProblems(data),
    ...stepReferences(data),
    ...connectionProblems(data),
    ...keptProblems(data),
    ...enrolmentProblems(data),
    ...careAreaProblems(data),
    ...unknowns([...below(data, 'steps', ['zone']), ...zonePairs(data)], known.zones, 'zone'),
    ...postureProblems(data, known.postures),
    ...attackProblems(data, known),
    ...unknowns(textsIn(data, 'expectations', 'rule'), known.detectionRules, 'detection rule'),
    ...responseProblems(data, known),
    ...timeProblems(data),
  ];
}

/** Zones that a step joins or parts. */
function zonePairs(data: unknown): Found[] {
  return listOf(fieldOf(data, 'steps')).flatMap((step, index) =>
    listOf(fieldOf(fieldOf(step, 'action'), 'zones')).flatMap((text, at): Found[] =>
      typeof text === 'string' ? [{ key: 'zones', text, path: ['steps', index, 'action', 'zones', at] }] : [],
    ),
  );
}

function fleetProblems(data: unknown): Problem[] {
  const fleet = listOf(fieldOf(data, 'fleet'));
  const together = fleet.flatMap((entry, index): Problem[] =>
    fieldOf(entry, 'serial') !== undefined && fieldOf(entry, 'count') !== undefined
      ? [
          {
            path: ['fleet', index, 'count'],
            at: 'key',
            message: 'count and serial do not go together',
            hint: 'leave out one of them',
          },
        ]
      : [],
  );
  const repeated = duplicates(textsIn(data, 'fleet', 'serial'), 'serial number');
  const parsed = fleet.map((entry) => fleetEntrySchema.safeParse(entry));
  const entries = parsed.flatMap((result) => (result.success ? [result.data] : []));
  // A serial cannot be called unknown while an entry of the fleet is not understood.
  if (entries.length < fleet.length || fleet.length === 0) return [...together, ...repeated];
  const pumps = expandFleet(entries);
  const serials = pumps.map(({ serial }) => serial);
  const named = [
    ...below(data, 'steps', ['pump', 'wave', 'pumps']),
    ...below(data, 'expectations', ['pump', 'pumps']),
    ...textsUnder(fieldOf(fieldOf(data, 'attack'), 'success'), ['pump', 'pumps'], ['attack', 'success']),
  ];
  return [
    ...together,
    ...repeated,
    ...unknowns(
      named.filter(({ text, key }) => text !== 'all' || key === 'pump'),
      serials,
      'pump',
    ),
  ];
}

function teamProblems(data: unknown): Problem[] {
  const teamsOf: Readonly<Record<string, readonly Team[]>> = VERB_TEAMS;
  return listOf(fieldOf(data, 'steps')).flatMap((step, index): Problem[] => {
    const team = textOf(fieldOf(step, 'team'));
    const verb = textOf(fieldOf(fieldOf(step, 'action'), 'do'));
    if (team === undefined || verb === undefined || !Object.hasOwn(teamsOf, verb)) return [];
    const allowed = teamsOf[verb] ?? [];
    return (allowed as readonly string[]).includes(team)
      ? []
      : [
          {
            path: ['steps', index, 'team'],
            at: 'value',
            message: `steps[${index}]: a ${team} step cannot ${verb}`,
            hint: `team: ${allowed.join(' or ')}`,
          },
        ];
  });
}

function stepReferences(data: unknown): Problem[] {
  const ids = textsIn(data, 'steps', 'id').map(({ text }) => text);
  const conditions = listOf(fieldOf(data, 'steps')).flatMap((step, index) =>
    textsUnder(fieldOf(step, 'trigger'), ['step'], ['steps', index, 'trigger']),
  );
  const waitsForItself = conditions.filter(
    ({ text, path }) => text === textOf(fieldOf(listOf(fieldOf(data, 'steps'))[Number(path[1])], 'id')),
  );
  return [
    ...unknowns([...conditions, ...textsIn(data, 'expectations', 'step')], ids, 'step'),
    ...waitsForItself.map(
      ({ text, path }): Problem => ({ path, at: 'value', message: `step "${text}" waits for itself` }),
    ),
  ];
}

/** Verbs that give a name to what comes in: over a connection of its own, or at a server of its own. */
const OPENING_VERBS = ['connect', 'rogue-server'];

function connectionProblems(data: unknown): Problem[] {
  const steps = listOf(fieldOf(data, 'steps')).map((step, index) => {
    const action = fieldOf(step, 'action');
    return {
      opens: OPENING_VERBS.includes(textOf(fieldOf(action, 'do')) ?? ''),
      name: textOf(fieldOf(action, 'connection')),
      atMs: parseDurationMs(textOf(fieldOf(fieldOf(step, 'trigger'), 'at')) ?? ''),
      path: ['steps', index, 'action', 'connection'],
    };
  });
  const found = (opens: boolean): Found[] =>
    steps.flatMap(({ opens: one, name, path }) =>
      one === opens && name !== undefined ? [{ key: 'connection', text: name, path }] : [],
    );
  const opened = found(true);
  const openedNames = opened.map(({ text }) => text);
  const early = steps.filter(({ opens, name, atMs }) => {
    const openedAtMs = steps.find((one) => one.opens && one.name === name)?.atMs;
    return !opens && atMs !== undefined && openedAtMs !== undefined && atMs < openedAtMs;
  });
  // A step whose verb is not understood may have been meant to open it.
  const allUnderstood = listOf(fieldOf(data, 'steps')).every((step) =>
    Object.hasOwn(VERB_TEAMS, textOf(fieldOf(fieldOf(step, 'action'), 'do')) ?? ''),
  );
  return [
    ...duplicates(opened, 'connection'),
    ...unknowns(
      [...found(false), ...textsIn(data, 'expectations', 'connection')],
      allUnderstood ? openedNames : undefined,
      'connection',
    ),
    ...early.map(
      ({ name, path }): Problem => ({
        path,
        at: 'value',
        message: `connection "${name}" is used before it is opened`,
      }),
    ),
  ];
}

/** Keys that a step gets hold of have a name, by which later ones show them or sign with them. */
function keptProblems(data: unknown): Problem[] {
  const steps = listOf(fieldOf(data, 'steps')).map((step, index) => ({
    action: fieldOf(step, 'action'),
    atMs: parseDurationMs(textOf(fieldOf(fieldOf(step, 'trigger'), 'at')) ?? ''),
    path: ['steps', index, 'action'] as const,
  }));
  const kept = steps.flatMap(({ action, atMs }) => {
    const reads = textOf(fieldOf(action, 'do')) === 'console-command' ? fieldOf(action, 'say') : action;
    const name = textOf(fieldOf(reads, 'keepAs'));
    return name === undefined ? [] : [{ name, atMs }];
  });
  const used = steps.flatMap(({ action, atMs, path }) => {
    const shown = ['as', 'shows', 'relaysAs'].flatMap((key) => {
      const as = fieldOf(action, key);
      const from = textOf(fieldOf(as, 'from'));
      const isKept = textOf(fieldOf(as, 'credential')) === 'extracted-certificate';
      return isKept && from !== undefined ? [{ key: 'from', text: from, path: [...path, key, 'from'] }] : [];
    });
    const name = textOf(fieldOf(action, 'signedWith'));
    const signing =
      name === undefined ? [] : [{ key: 'signedWith', text: name, path: [...path, 'signedWith'] }];
    return [...shown, ...signing].map((found) => ({ found, atMs }));
  });
  const names = kept.map(({ name }) => name);
  const early = used.filter(({ found, atMs }) => {
    const times = kept.filter(({ name }) => name === found.text).map((one) => one.atMs);
    return atMs !== undefined && times.length > 0 && times.every((time) => time !== undefined && atMs < time);
  });
  return [
    ...unknowns(
      used.map(({ found }) => found),
      names,
      'step that keeps a key as',
    ),
    ...early.map(
      ({ found: { text, path } }): Problem => ({
        path,
        at: 'value',
        message: `key "${text}" is used before any step keeps it`,
      }),
    ),
  ];
}

/** Where no pump enrols, there is nobody to ask for a certificate. */
function enrolmentProblems(data: unknown): Problem[] {
  if (fieldOf(data, 'enrolment') !== undefined) return [];
  return listOf(fieldOf(data, 'steps')).flatMap((step, index): Problem[] =>
    textOf(fieldOf(fieldOf(step, 'action'), 'do')) === 'enrol'
      ? [
          {
            path: ['steps', index, 'action', 'do'],
            at: 'value',
            message: 'no pump of this scenario enrols, so nobody gives certificates',
            hint: 'enrolment: { certificateLifetime: 60m }',
          },
        ]
      : [],
  );
}

function careAreaProblems(data: unknown): Problem[] {
  const areas = textsIn(data, 'fleet', 'careArea').map(({ text }) => text);
  return unknowns(below(data, 'steps', ['careArea']), [...new Set(areas)], 'care area of the fleet');
}

function postureProblems(data: unknown, known: readonly string[] | undefined): Problem[] {
  const declared = listOf(fieldOf(data, 'postures')).flatMap((id, index): Found[] =>
    typeof id === 'string' ? [{ key: 'postures', text: id, path: ['postures', index] }] : [],
  );
  const names = declared.map(({ text }) => text);
  const expectations = listOf(fieldOf(data, 'expectations'));
  const named = expectations.flatMap((expectation, index) =>
    textsUnder({ postures: fieldOf(expectation, 'postures') }, ['postures'], ['expectations', index]),
  );
  const forAll = expectations.some((expectation) => fieldOf(expectation, 'postures') === undefined);
  const empty = declared.filter(({ text }) => !forAll && !named.some((one) => one.text === text));
  return [
    ...duplicates(declared, 'posture'),
    ...unknowns(declared, known, 'posture'),
    ...unknowns(named, names, 'posture of this scenario'),
    ...empty.map(
      ({ text, path }): Problem => ({
        path,
        at: 'value',
        message: `nothing is expected under posture "${text}"`,
      }),
    ),
  ];
}

/** An attack says what is expected of it; every other rehearsal has postures and expectations of its own. */
function attackProblems(data: unknown, known: KnownNames): Problem[] {
  const attack = fieldOf(data, 'attack');
  if (attack === undefined) {
    // What is no mapping has been told already.
    if (typeof data !== 'object' || data === null || Array.isArray(data)) return [];
    return ['postures', 'expectations']
      .filter((key) => fieldOf(data, key) === undefined)
      .map((key): Problem => ({ path: [], at: 'value', message: `${key} is missing` }));
  }
  const expected = fieldOf(attack, 'expected');
  const named = Object.keys(typeof expected === 'object' && expected !== null ? expected : {}).map(
    (text): Found => ({ key: text, text, path: ['attack', 'expected', text] }),
  );
  const isAttack = textOf(fieldOf(data, 'family')) === 'attack';
  return [
    ...unknowns(named, known.postures, 'posture'),
    ...unknowns(zoneOf(attack), known.zones && ['outside', ...known.zones], 'zone'),
    ...duplicates(textsUnder(fieldOf(attack, 'success'), ['id'], ['attack', 'success']), 'predicate id'),
    ...(isAttack
      ? []
      : [
          {
            path: ['attack'],
            at: 'key',
            message: 'only a scenario of the family attack is one',
          } satisfies Problem,
        ]),
  ];
}

/** What defenders go by: rules that steps wait for, playbooks that steps and attacks name. */
function zoneOf(attack: unknown): Found[] {
  const text = textOf(fieldOf(attack, 'zone'));
  return text === undefined ? [] : [{ key: 'zone', text, path: ['attack', 'zone'] }];
}

function responseProblems(data: unknown, known: KnownNames): Problem[] {
  const triggers = listOf(fieldOf(data, 'steps')).flatMap((step, index) =>
    textsUnder(fieldOf(step, 'trigger'), ['rule'], ['steps', index, 'trigger']),
  );
  const responses = listOf(fieldOf(fieldOf(data, 'attack'), 'responses')).flatMap((id, index): Found[] =>
    typeof id === 'string' ? [{ key: 'responses', text: id, path: ['attack', 'responses', index] }] : [],
  );
  return [
    ...unknowns(triggers, known.detectionRules, 'detection rule'),
    ...unknowns([...below(data, 'steps', ['playbook']), ...responses], known.playbooks, 'playbook'),
  ];
}

/** What no schema can say of a playbook: that the rules that it answers are there. */
export function playbookProblems(data: unknown, { detectionRules }: KnownNames): Problem[] {
  const rules = listOf(fieldOf(fieldOf(data, 'trigger'), 'rules')).flatMap((id, index): Found[] =>
    typeof id === 'string' ? [{ key: 'rules', text: id, path: ['trigger', 'rules', index] }] : [],
  );
  return unknowns(rules, detectionRules, 'detection rule');
}

function timeProblems(data: unknown): Problem[] {
  const duration = textOf(fieldOf(data, 'duration')) ?? '';
  const endMs = parseDurationMs(duration);
  if (endMs === undefined) return [];
  const times = [
    ...below(data, 'fleet', ['startAt']),
    ...below(data, 'steps', ['at', 'after']),
    ...below(data, 'expectations', ['at', 'from', 'to']),
    ...textsUnder(fieldOf(fieldOf(data, 'attack'), 'success'), ['at', 'from', 'to'], ['attack', 'success']),
  ];
  const late = times.filter(({ text }) => (parseDurationMs(text) ?? 0) > endMs);
  const backward = listOf(fieldOf(data, 'expectations')).flatMap((expectation, index): Problem[] => {
    const fromMs = parseDurationMs(textOf(fieldOf(expectation, 'from')) ?? '');
    const toMs = parseDurationMs(textOf(fieldOf(expectation, 'to')) ?? '');
    return fromMs !== undefined && toMs !== undefined && fromMs > toMs
      ? [
          {
            path: ['expectations', index, 'to'],
            at: 'value',
            message: `expectations[${index}]: to lies before from`,
          },
        ]
      : [];
  });
  return [
    ...late.map(
      ({ key, text, path }): Problem => ({
        path,
        at: 'value',
        message: `${key}: ${text} lies after the end of the scenario`,
        hint: `its duration is ${duration}`,
      }),
    ),
    ...backward,
  ];
}

/** Texts under one key of each entry of a list of the scenario. */
function textsIn(data: unknown, list: string, key: string): Found[] {
  return listOf(fieldOf(data, list)).flatMap((entry, index): Found[] => {
    const text = textOf(fieldOf(entry, key));
    return text === undefined ? [] : [{ key, text, path: [list, index, key] }];
  });
}

function below(data: unknown, list: string, keys: readonly string[]): Found[] {
  return textsUnder(fieldOf(data, list), keys, [list]);
}

function duplicates(found: readonly Found[], what: string): Problem[] {
  return found
    .filter(({ text }, index) => found.findIndex((one) => one.text === text) < index)
    .map(({ text, path }) => ({ path, at: 'value', message: `${what} "${text}" is there twice` }));
}

function unknowns(found: readonly Found[], names: readonly string[] | undefined, what: string): Problem[] {
  if (names === undefined) return [];
  return found
    .filter(({ text }) => !names.includes(text))
    .map(({ text, path }) => ({
      path: path satisfies DataPath,
      at: 'value',
      message: `there is no ${what} "${text}"`,
      hint: suggestion(text, names),
    }));
}
