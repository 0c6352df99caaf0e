import { DialRefusedError } from '../../../protocol/index.ts';
import type { AttackGround, StepResult } from '../../engine/port.ts';
import type { ActionOf } from '../../format/actions.ts';
import type { PumpService, Stored } from '../../format/device-values.ts';
import type { Loot } from '../loot.ts';
import { Conversation, type ServiceAnswer } from './conversation.ts';
import { forgedConfiguration, forgedPackage, loosenedLibrary } from './forgeries.ts';

/** The code that pumps are delivered with whose firmware knows no other. Fictitious. */
const SHARED_CODE = 'TRAINING-SERVICE';

interface OpenConsole {
  readonly serial: string;
  readonly conversation: Conversation;
}

/** The adversary in conversation with services of pumps, over sockets of its own. */
export class ConsoleWork {
  readonly #ground: AttackGround;
  readonly #loot: Loot;
  readonly #consoles = new Map<string, OpenConsole>();
  readonly #all = new Set<Conversation>();

  constructor(ground: AttackGround, loot: Loot) {
    this.#ground = ground;
    this.#loot = loot;
  }

  leave(): void {
    for (const conversation of this.#all) conversation.close();
    this.#all.clear();
    this.#consoles.clear();
  }

  async open({ console, pump, service, code }: ActionOf<'open-console'>): Promise<StepResult> {
    const conversation = await this.#begin(pump, service);
    if (conversation === undefined) return NOBODY_ANSWERS;
    if (code !== undefined) {
      const login = await conversation.ask(`LOGIN ${code === 'shared' ? SHARED_CODE : code}`);
      if (!login.ok) return this.#give(conversation, login.reason);
    }
    this.#consoles.set(console, { serial: pump, conversation });
    return { outcome: 'succeeded', detail: 'it lets in' };
  }

  async say({ console, say }: ActionOf<'console-command'>): Promise<StepResult> {
    const open = this.#consoles.get(console);
    if (open === undefined) return { outcome: 'skipped', detail: 'there is no such conversation' };
    const { conversation } = open;
    switch (say.command) {
      case 'identify':
        return resultOf(await conversation.ask('IDENT'));
      case 'read':
        return this.#read(open, say);
      case 'set-occlusion-limit':
        return resultOf(await conversation.ask(`SET ${say.channel ?? 'A'} occlusion-limit ${say.mmHg}`));
      case 'calibrate':
        return resultOf(await conversation.ask(`CALIBRATE ${say.channel ?? 'A'} ${say.share}`));
      case 'clear-log':
        return resultOf(await conversation.ask('CLEAR-LOG'));
      case 'import-configuration': {
        const { model, careArea } = identityIn(await conversation.ask('IDENT'));
        const configuration = forgedConfiguration(careArea, model, say.mmHg);
        return resultOf(await conversation.ask(`IMPORT ${base64(JSON.stringify(configuration))}`));
      }
    }
  }

  async upload({ pump, file }: ActionOf<'upload-package'>): Promise<StepResult> {
    const conversation = await this.#begin(pump, 'files');
    if (conversation === undefined) return NOBODY_ANSWERS;
    if (file.kind === 'firmware') {
      const { model } = identityIn(await conversation.ask('IDENT'));
      const bytes = forgedPackage(model, file.version);
      return resultOf(await conversation.ask(`PUT firmware ${bytes.toString('base64')}`));
    }
    const library = this.#loot.library(pump);
    const loosened = library && loosenedLibrary(library, file.drug, file.version);
    if (!loosened) return { outcome: 'skipped', detail: 'it has no library to alter' };
    return resultOf(await conversation.ask(`PUT library ${base64(loosened)}`));
  }

  async sendOversize({ pump, service, bytes }: ActionOf<'send-oversize'>): Promise<StepResult> {
    const conversation = await this.#begin(pump, service);
    if (conversation === undefined) return NOBODY_ANSWERS;
    const answer = await conversation.send(Buffer.alloc(bytes, 'x'));
    conversation.close();
    return answer === undefined
      ? { outcome: 'succeeded', detail: 'it does not answer any more' }
      : { outcome: 'refused', detail: answer };
  }

  async #read(
    { serial, conversation }: OpenConsole,
    { stored, keepAs }: { readonly stored: readonly Stored[]; readonly keepAs?: string | undefined },
  ): Promise<StepResult> {
    const got: Stored[] = [];
    let reason = 'nothing was asked';
    for (const kind of stored) {
      const answer = await conversation.ask(`READ ${kind}`);
      const content = answer.ok ? contentIn(answer.body) : undefined;
      if (content === undefined) reason = answer.ok ? 'an answer without content' : answer.reason;
      else {
        this.#loot.take(serial, kind, content, { atMs: this.#ground.clock.now(), name: keepAs });
        got.push(kind);
      }
    }
    return got.length > 0
      ? { outcome: 'succeeded', detail: `it has ${got.join(', ')}` }
      : { outcome: 'refused', detail: reason };
  }

  /** A conversation that has begun with the service's own line. */
  async #begin(serial: string, name: PumpService): Promise<Conversation | undefined> {
    const endpoint = this.#ground.endpoint({ service: 'pump', serial, name });
    if (endpoint === undefined) return undefined;
    try {
      const socket = await this.#ground.open({ ...endpoint, over: 'plaintext' });
      const conversation = new Conversation(socket, this.#ground.clock);
      this.#all.add(conversation);
      if ((await conversation.banner()) !== undefined) return conversation;
      conversation.close();
      return undefined;
    } catch (error) {
      if (!(error instanceof DialRefusedError)) throw error;
      this.#ground.foundClosed(serial, name);
      return undefined;
    }
  }

  #give(conversation: Conversation, detail: string): StepResult {
    conversation.close();
    return { outcome: 'refused', detail };
  }
}

const NOBODY_ANSWERS: StepResult = { outcome: 'refused', detail: 'nobody answers there' };

function resultOf(answer: ServiceAnswer): StepResult {
  return answer.ok
    ? { outcome: 'succeeded', detail: 'it was taken' }
    : { outcome: 'refused', detail: answer.reason };
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function contentIn(body: unknown): string | undefined {
  const content = typeof body === 'object' && body !== null ? Reflect.get(body, 'content') : undefined;
  return typeof content === 'string' ? content : undefined;
}

/** What a service says of its pump; empty where it says nothing of the kind. */
function identityIn(answer: ServiceAnswer): { readonly model: string; readonly careArea: string } {
  const body = answer.ok && typeof answer.body === 'object' && answer.body !== null ? answer.body : {};
  const text = (key: string): string => String(Reflect.get(body, key) ?? '');
  return { model: text('model'), careArea: text('careArea') };
}
