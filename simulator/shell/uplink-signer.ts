import { isEffective, type WeaknessId } from '../../protocol/firmware/index.ts';
import { type ControlId, type Envelope, MessageSigner, type Signer } from '../../protocol/index.ts';

export interface UplinkSignerOptions {
  readonly controls: ReadonlySet<ControlId>;
  /** Of the firmware that runs now. */
  readonly weaknesses: () => readonly WeaknessId[];
  /** The key and certificate that the pump has now; `undefined`: it has none. */
  readonly credential: () => Signer | undefined;
}

/**
 * Signs what the pump says, if the posture wants it and the running firmware can. It is the receivers who enforce `signed-uplink`. The
 * status carries the certificate itself; what comes after one names it.
 */
export class UplinkSigner {
  readonly #options: UplinkSignerOptions;
  #of: Signer | undefined;
  #signer: MessageSigner | undefined;
  /** Whether a status has shown the certificate. */
  #shown = false;

  constructor(options: UplinkSignerOptions) {
    this.#options = options;
  }

  signed<M extends Envelope>(message: M): M {
    const signer = this.#current();
    if (signer === undefined) return message;
    const plain: Envelope = message;
    const isStatus = message.type === 'status';
    const signature = signer.sign({ ...plain }, isStatus || !this.#shown ? 'chain' : 'thumbprint');
    this.#shown ||= isStatus;
    return { ...message, signatures: [signature] };
  }

  /** The same of a message that is JSON text already. */
  signedText(text: string): string {
    const signer = this.#current();
    if (signer === undefined) return text;
    const signature = signer.sign(JSON.parse(text), this.#shown ? 'thumbprint' : 'chain');
    return `${text.slice(0, -1)},"signatures":[${JSON.stringify(signature)}]}`;
  }

  get signs(): boolean {
    return this.#current() !== undefined;
  }

  #current(): MessageSigner | undefined {
    const { controls, weaknesses, credential } = this.#options;
    if (!isEffective('signed-uplink', controls, weaknesses())) return undefined;
    const current = credential();
    if (current !== this.#of) {
      this.#of = current;
      this.#shown = false;
      this.#signer = current && new MessageSigner(current);
    }
    return this.#signer;
  }
}
