import {
  alarmText,
  type Bedside,
  type BedsideCommand,
  type BedsideFact,
  type BedsideState,
  bedsideHelp,
  parseBedsideCommand,
  suggestion,
} from '../../testbed/index.ts';

type PressAction = Extract<BedsideCommand, { readonly kind: 'press' }>['action'];
type Role = Extract<BedsideCommand, { readonly kind: 'role' }>['role'];

/** What became of a typed line. */
export interface Answer {
  /** A line or two. */
  readonly said: readonly string[];
  /** A list to be read at leisure. */
  readonly page?: readonly string[];
  readonly quit?: true;
}

/** Somebody at a keypad: takes typed lines, one after the other, and presses keys. */
export class BedsideSession {
  readonly #bedside: Bedside;
  readonly #wait: (ms: number) => Promise<void>;
  #state: BedsideState;
  #role: Role = 'nurse';

  private constructor(bedside: Bedside, state: BedsideState, wait: (ms: number) => Promise<void>) {
    this.#bedside = bedside;
    this.#state = state;
    this.#wait = wait;
  }

  /** @param wait lets real time pass */
  static async at(bedside: Bedside, wait: (ms: number) => Promise<void>): Promise<BedsideSession> {
    return new BedsideSession(bedside, await bedside.display(), wait);
  }

  /** Who presses the keys. */
  get role(): Role {
    return this.#role;
  }

  /** What the display showed when it was last looked at. */
  get state(): BedsideState {
    return this.#state;
  }

  async look(): Promise<BedsideState> {
    this.#state = await this.#bedside.display();
    return this.#state;
  }

  /** Carries out a typed line. @throws PumprangeError if the ward is gone */
  async take(line: string, columns: number): Promise<Answer> {
    const command = parseBedsideCommand(
      line,
      this.#state.channels.map(({ channel }) => channel),
    );
    switch (command.kind) {
      case 'nothing':
        return { said: [] };
      case 'error':
        return {
          said: [`not understood: ${command.reason}${command.hint === '' ? '' : ` (${command.hint})`}`],
        };
      case 'press': {
        const result = await this.#bedside.press(this.#role, command.action);
        if (result.accepted) return { said: ['accepted'] };
        const control = result.control === null ? '' : ` [${result.control}]`;
        const hint = await this.#drugHint(command.action);
        return { said: [`refused: ${result.reason}${control}${hint}`] };
      }
      case 'physical': {
        const result = await this.#bedside.physical(command.event);
        return { said: [result.taken ? 'done' : `refused: ${result.reason}`] };
      }
      case 'role':
        this.#role = command.role;
        return { said: [`the keys are now pressed as ${command.role}`] };
      case 'wait':
        await this.#wait(command.ms);
        return { said: [] };
      case 'local':
        switch (command.what) {
          case 'quit':
            return { said: [], quit: true };
          case 'show':
            return { said: [] };
          case 'help':
            return { said: [], page: [...bedsideHelp(columns), ...(await this.#label())] };
          case 'drugs':
            return { said: [], page: await this.#drugs() };
        }
    }
  }

  /** The label of the pump, as far as it is for whoever stands there. */
  async #label(): Promise<string[]> {
    const code = await this.#bedside.code(this.#role);
    if (code === null) return [];
    const keys = this.#role === 'biomed' ? '`unlock` and `service`' : '`unlock`';
    return ['Label of the pump:', `  code for ${keys}, for a ${this.#role}: ${code}`];
  }

  /** What the library calls a drug that it does not know by the typed name. */
  async #drugHint(action: PressAction): Promise<string> {
    if (action.action !== 'programme' && action.action !== 'programme-secondary') return '';
    const { drug } = action.programme;
    const names = (await this.#bedside.drugs()).map((one) => one.drug);
    if (drug === null || names.length === 0 || names.includes(drug)) return '';
    return ` (${suggestion(drug, names, '`drugs` lists them')})`;
  }

  async #drugs(): Promise<string[]> {
    const drugs = await this.#bedside.drugs();
    if (drugs.length === 0) return ['the pump has no drug library in use'];
    return drugs.map(({ drug, concentration, doseUnit }) => `${drug}  ${concentration}, in ${doseUnit}`);
  }
}

/** What the pump told, as a line. */
export function factLine(fact: BedsideFact): string {
  const what =
    fact.fact === 'alarm'
      ? `alarm ${alarmText(fact.alarm)} ${fact.change} (${fact.priority} priority)`
      : fact.event;
  return `${new Date(fact.atMs).toTimeString().slice(0, 8)} ${fact.channel ?? '-'} ${what}`;
}
