import { type Identity, type IdentityUrn, urnOf } from '../identity.ts';
import type { Envelope, TIME_QUALITIES } from './envelope.ts';

export interface ComposeExtras {
  readonly to?: IdentityUrn;
  readonly expiresAtMs?: number;
  /** Where the caller numbers the stream itself, as a pump does with its log. */
  readonly seq?: number;
}

/** Puts bodies into envelopes: who, which boot, which number in which stream, when. */
export class Composer {
  readonly from: IdentityUrn;
  readonly bootId: string;
  readonly #nowMs: () => number;
  readonly #quality: (typeof TIME_QUALITIES)[number];
  readonly #next = new Map<string, number>();

  constructor(
    from: Identity,
    bootId: string,
    nowMs: () => number,
    quality: (typeof TIME_QUALITIES)[number] = 'synchronised',
  ) {
    this.from = urnOf(from);
    this.bootId = bootId;
    this.#nowMs = nowMs;
    this.#quality = quality;
  }

  /** The next message of a stream, named after its type: `seq` counts up by one from 0. */
  compose<Type extends string, Body>(
    type: Type,
    body: Body,
    extras: ComposeExtras = {},
  ): Envelope & { readonly type: Type; readonly body: Body } {
    const seq = extras.seq ?? this.#next.get(type) ?? 0;
    if (extras.seq === undefined) this.#next.set(type, seq + 1);
    return {
      type,
      version: 1,
      from: this.from,
      ...(extras.to === undefined ? {} : { to: extras.to }),
      bootId: this.bootId,
      seq,
      time: new Date(this.#nowMs()).toISOString(),
      timeQuality: this.#quality,
      ...(extras.expiresAtMs === undefined ? {} : { expiresAt: new Date(extras.expiresAtMs).toISOString() }),
      body,
    };
  }
}
