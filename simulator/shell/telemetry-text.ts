import type { IdentityUrn } from '../../protocol/index.ts';
import type { TelemetrySample } from '../pump/index.ts';

type ChannelSample = TelemetrySample['channels'][number];

interface Written {
  readonly channel: string;
  /** As far as it is the same in every message. */
  readonly head: string;
  sample: ChannelSample;
  /** Kept from the second time on: most samples come once. */
  text: string | undefined;
}

/**
 * Writes telemetry as JSON, character by character what `JSON.stringify` makes of a composed message; a property test holds it to that
 * and to the schema of the protocol. A fleet publishes little else, so what stays the same is written once a pump. The stream of
 * telemetry of one boot is numbered here. Whoever has to sign it parses the text, signs the message and sends that.
 */
export class TelemetryText {
  readonly #head: string;
  /** In the order of the pump's channels. */
  readonly #written: Written[] = [];
  #seq = 0;

  constructor(from: IdentityUrn, bootId: string) {
    const quoted = (text: string): string => JSON.stringify(text);
    this.#head = `{"type":"telemetry","version":1,"from":${quoted(from)},"bootId":${quoted(bootId)},"seq":`;
  }

  /**
   * The next message of the stream. Values are rounded to the thousandth, which is finer than anything a pump shows.
   *
   * @param more further members of the body, each with a comma before it
   */
  next(sample: TelemetrySample, atMs: number, more = ''): string {
    let channels = '';
    let index = 0;
    for (const channel of sample.channels) {
      channels += index === 0 ? this.#channel(channel, index) : `,${this.#channel(channel, index)}`;
      index += 1;
    }
    const seq = this.#seq;
    this.#seq += 1;
    return `${this.#head}${seq},"time":"${timeText(atMs)}","timeQuality":"synchronised","body":{"channels":[${channels}],"power":"${sample.power}","batteryPercent":${thousandths(sample.batteryPercent)}${more}}}`;
  }

  /** A sample that comes again is that of a channel at rest: what was written of it is still true. */
  #channel(sample: ChannelSample, index: number): string {
    const written = this.#written[index];
    if (written === undefined || written.channel !== sample.channel) {
      const head = `{"channel":${JSON.stringify(sample.channel)},"therapy":"`;
      this.#written[index] = { channel: sample.channel, head, sample, text: undefined };
      return channelText(head, sample);
    }
    if (written.sample !== sample) {
      written.sample = sample;
      written.text = undefined;
      return channelText(written.head, sample);
    }
    written.text ??= channelText(written.head, sample);
    return written.text;
  }
}

function channelText(head: string, sample: ChannelSample): string {
  return `${head}${sample.therapy}","drug":${drugText(sample.drug)},"rateMlPerH":${thousandths(sample.motorRateMlPerH)},"deliveredMl":${thousandths(sample.deliveredMl)},"volumeToBeInfusedMl":${thousandths(sample.volumeToBeInfusedMl)},"reservoirMl":${thousandths(sample.reservoirMl)},"pressureMmHg":${thousandths(sample.pressureMmHg)}}`;
}

/** Quoted names of drugs. A ward has some dozens; names that somebody invents are not kept without end. */
const drugs = new Map<string, string>();
const MOST_DRUGS = 1_000;

function drugText(drug: string | null): string {
  if (drug === null) return 'null';
  const known = drugs.get(drug);
  if (known !== undefined) return known;
  if (drugs.size >= MOST_DRUGS) drugs.clear();
  const text = JSON.stringify(drug);
  drugs.set(drug, text);
  return text;
}

/** The digits after the point for 0 to 999 thousandths, point included, without trailing zeros. */
const FRACTIONS = Array.from({ length: 1_000 }, (_, count) => String(count / 1_000).slice(1));
/** Up to here a number of thousandths has so few digits that its shortest text is the decimal one. */
const MOST_THOUSANDTHS = 1e12;

/** `JSON.stringify` of a value rounded to the thousandth, without the search for the shortest decimal. */
function thousandths(value: number): string {
  const count = Math.round(value * 1_000);
  const size = Math.abs(count);
  if (!(size < MOST_THOUSANDTHS)) return JSON.stringify(count / 1_000);
  const whole = Math.floor(size / 1_000);
  const fraction = FRACTIONS[size - whole * 1_000] ?? '';
  return count < 0 ? `-${whole}${fraction}` : `${whole}${fraction}`;
}

const MINUTE_MS = 60_000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, count) => String(count).padStart(2, '0'));
const THREE_DIGITS = Array.from({ length: 1_000 }, (_, count) => String(count).padStart(3, '0'));
let minute = Number.NaN;
let minuteText = '';

/** `Date.prototype.toISOString` of a time; what of it stays the same for a minute is kept. */
function timeText(atMs: number): string {
  const wholeMs = Math.trunc(atMs);
  const thisMinute = Math.floor(wholeMs / MINUTE_MS);
  if (thisMinute !== minute) {
    minuteText = new Date(wholeMs).toISOString().slice(0, -'ss.mmmZ'.length);
    minute = thisMinute;
  }
  const inMinuteMs = wholeMs - thisMinute * MINUTE_MS;
  const seconds = Math.floor(inMinuteMs / 1_000);
  return `${minuteText}${TWO_DIGITS[seconds]}.${THREE_DIGITS[inMinuteMs - seconds * 1_000]}Z`;
}
