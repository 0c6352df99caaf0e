import type { Layout } from '../plan/layout.ts';
import { Bounded } from '../probe/bounded.ts';
import type { Prober } from '../probe/prober.ts';
import type { MqttRole } from '../probe/request.ts';
import type { Cell } from './document.ts';
import type { MqttService, TlsService } from './floor.ts';
import { type Source, sourcesOf, targetsOf } from './places.ts';
import { type ReachQuestion, reachCell, reachQuestions, type TableGround } from './reach-cells.ts';
import { type Below, isTlsOf, mqttCell, serviceCell, tlsCell } from './upper-cells.ts';

export interface TableOptions extends TableGround {
  readonly layout: Layout;
  /** Who carries out the probes of somebody. */
  readonly proberOf: (source: Source) => Asks;
  /** Told how far it is. */
  readonly progress?: (done: number, of: number) => void;
}

/** A prober, as far as a table needs it. */
export type Asks = Pick<Prober, 'ask'>;

export interface Table {
  readonly cells: readonly Cell[];
  readonly probes: number;
  readonly secondLooks: number;
  readonly wallMs: number;
}

/** A service of a pump talks to few at a time. */
const TALKS_AT_A_TIME = 3;
/** Second looks are taken where little else is under way. */
const SECOND_LOOKS_AT_A_TIME = 64;
/** What more cells than this have in common is no accident. */
const MOST_SECOND_LOOKS = 500;

/**
 * Probes everybody's way to everything, layer by layer. A higher layer is asked only where the port below answered; elsewhere its cell
 * says what the port said.
 *
 * @throws PumprangeError `PR_PROBER_FAILED`
 */
export async function runTable(options: TableOptions): Promise<Table> {
  const begun = performance.now();
  const { layout, policy, progress } = options;
  const sources = sourcesOf(layout, policy);
  const questions = reachQuestions(sources, targetsOf(layout, policy), options);
  let done = 0;
  const reach = async (question: ReachQuestion): Promise<Below> => {
    const { protocol, from, to, port } = question.opening;
    const answer = await options.proberOf(question.source).ask({ kind: protocol, from, to, port });
    if (done < questions.length) progress?.(++done, questions.length);
    return { question, cell: reachCell(question, answer, options) };
  };
  const first = await Promise.all(questions.map(reach));
  const calm = new Bounded(SECOND_LOOKS_AT_A_TIME);
  let secondLooks = 0;
  const belows = await Promise.all(
    first.map((below) => {
      // A busy machine drops what a network would not: nothing is called a mismatch on one look.
      if ((below.cell.held && below.cell.agrees) || secondLooks === MOST_SECOND_LOOKS) return below;
      secondLooks += 1;
      return calm.run(() => reach(below.question));
    }),
  );
  const above = new Above(options);
  const upper = await Promise.all(belows.map((below) => above.probe(below)));
  const cells = [...belows.map(({ cell }) => cell), ...upper.flat()];
  return {
    cells,
    probes: questions.length + above.probes,
    secondLooks: secondLooks + above.secondLooks,
    wallMs: performance.now() - begun,
  };
}

/** The layers above the ports. */
class Above {
  readonly #options: TableOptions;
  readonly #talks = new Map<string, Bounded>();
  probes = 0;
  secondLooks = 0;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  async probe(below: Below): Promise<readonly Cell[]> {
    const { floor } = this.#options;
    const { source, target, port } = below.question;
    // Roles are tried from where somebody may just have come in; a device has its one identity.
    const isVisitor = source.asset === undefined;
    const tls = isVisitor ? floor.tls.filter((one) => isTlsOf(one, below)) : [];
    const mqtt = isVisitor ? floor.mqtt.filter((one) => isTlsOf(one, below)) : [];
    const greets = port.service !== undefined && floor.greets.has(target.asset);
    const cells = await Promise.all([
      ...tls.map((service) => this.#tls(below, service)),
      ...mqtt.map((service) => this.#mqtt(below, service)),
      ...(greets ? [this.#service(below)] : []),
    ]);
    return cells.flat();
  }

  async #tls(below: Below, { visitors, say, rootPem }: TlsService): Promise<readonly Cell[]> {
    return Promise.all(
      visitors.map(async (visitor) => {
        if (!isOpen(below)) return tlsCell(below, visitor, undefined);
        const { credential } = visitor;
        const shake = async (): Promise<Cell> => {
          const answer = await this.#prober(below).ask({
            ...{ kind: 'tls', ...pathOf(below), ...(credential && { credential }) },
            ...{ ...(say !== undefined && { say }), ...(rootPem !== undefined && { rootPem }) },
          });
          return tlsCell(below, visitor, answer);
        };
        const first = await shake();
        this.probes += 1;
        if (first.held || below.cell.expected !== 'open') return first;
        this.secondLooks += 1;
        return shake();
      }),
    );
  }

  async #mqtt(below: Below, { over, rules, comers }: MqttService): Promise<readonly Cell[]> {
    const connects = rules.filter(({ does }) => does === 'connect');
    if (!isOpen(below)) return connects.map((rule) => mqttCell(below, rule, undefined));
    const { fromZone, ipVersion, expected } = below.cell;
    const { roles, witnesses } = comers(fromZone, ipVersion);
    // Where nobody should come at all, that a role gets a session says enough.
    const isWanted = expected === 'open';
    const probe = async (some: readonly MqttRole[]): Promise<readonly Cell[]> => {
      const { results } = await this.#prober(below).ask({
        ...{ kind: 'mqtt', over, ...pathOf(below), witnesses: isWanted ? witnesses : [] },
        roles: isWanted ? some : some.map((role) => ({ ...role, steps: [] })),
      });
      return results.flatMap((result) => {
        const rule = rules.find(
          ({ role, does, topics }) =>
            role === result.role && does === result.does && topics === result.topics,
        );
        return rule === undefined ? [] : [mqttCell(below, rule, result)];
      });
    };
    const first = await probe(roles);
    this.probes += first.length;
    const odd = new Set(first.flatMap(({ role, held }) => (held ? [] : [role])));
    if (odd.size === 0 || !isWanted) return first;
    const second = await probe(roles.filter(({ role }) => odd.has(role)));
    this.secondLooks += second.length;
    return [...first.filter(({ role }) => !odd.has(role)), ...second];
  }

  async #service(below: Below): Promise<readonly Cell[]> {
    if (!isOpen(below)) return [serviceCell(below, undefined)];
    const { to, port } = below.question.opening;
    const key = `${to} ${port}`;
    const bounded = this.#talks.get(key) ?? new Bounded(TALKS_AT_A_TIME);
    this.#talks.set(key, bounded);
    this.probes += 1;
    const answer = await bounded.run(() => this.#prober(below).ask({ kind: 'service', ...pathOf(below) }));
    return [serviceCell(below, answer)];
  }

  #prober({ question }: Below): Asks {
    return this.#options.proberOf(question.source);
  }
}

function isOpen({ cell }: Below): boolean {
  return cell.actual === 'open';
}

function pathOf({ question }: Below): { readonly from: string; readonly to: string; readonly port: number } {
  const { from, to, port } = question.opening;
  return { from, to, port };
}
