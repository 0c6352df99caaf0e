import type { PumpSetting } from '../pump/index.ts';
import { isStoredKind, type StoredKind } from '../storage/index.ts';

/** One line that somebody sends to a service. The protocol is fictitious: a word, then arguments, each after one space. */
export type ServiceRequest =
  | { readonly verb: 'LOGIN'; readonly code: string }
  | { readonly verb: 'IDENT' }
  | { readonly verb: 'CONFIG' }
  | { readonly verb: 'LOG' }
  | { readonly verb: 'STORED' }
  | { readonly verb: 'READ'; readonly kind: StoredKind }
  | { readonly verb: 'SET'; readonly channel: string; readonly setting: PumpSetting }
  | { readonly verb: 'CALIBRATE'; readonly channel: string; readonly share: number }
  | { readonly verb: 'CLEAR-LOG' }
  | { readonly verb: 'IMPORT'; readonly content: unknown }
  | { readonly verb: 'PUT'; readonly what: 'firmware' | 'library'; readonly bytes: Buffer }
  | { readonly verb: 'HELLO'; readonly name: string }
  | { readonly verb: 'BYE' };
export type RequestVerb = ServiceRequest['verb'];

export type ParsedRequest =
  | { readonly ok: true; readonly request: ServiceRequest }
  | { readonly ok: false; readonly reason: string };

const CHANNEL = /^[A-Z]$/;
const NUMBER = /^\d{1,5}(?:\.\d{1,3})?$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const WORD = /^[\x21-\x7e]{1,64}$/;

/** What settings are called on this wire. */
const SETTINGS: Readonly<Record<string, PumpSetting['name']>> = {
  'occlusion-limit': 'occlusionLimitMmHg',
  'air-limit': 'airLimitMicroL',
  'keep-vein-open': 'keepVeinOpenMlPerH',
  'auto-restarts': 'autoRestarts',
};

/** Reads one line without its end. Any text is fine as input. */
export function parseRequest(line: string): ParsedRequest {
  const [verb = '', ...rest] = line.split(' ');
  const [first = '', second = '', third = ''] = rest;
  const arity = (count: number): boolean => rest.length === count;
  switch (verb) {
    case 'IDENT':
    case 'CONFIG':
    case 'LOG':
    case 'STORED':
    case 'CLEAR-LOG':
    case 'BYE':
      return arity(0) ? taken({ verb }) : refused('it takes no argument');
    case 'LOGIN':
      return arity(1) && WORD.test(first) ? taken({ verb, code: first }) : refused('LOGIN <code>');
    case 'HELLO':
      return arity(1) && WORD.test(first) ? taken({ verb, name: first }) : refused('HELLO <name>');
    case 'READ':
      return arity(1) && isStoredKind(first)
        ? taken({ verb, kind: first })
        : refused('READ <what is stored>');
    case 'SET': {
      const name = Object.hasOwn(SETTINGS, second) ? SETTINGS[second] : undefined;
      return arity(3) && name !== undefined && CHANNEL.test(first) && NUMBER.test(third)
        ? taken({ verb, channel: first, setting: { name, value: Number(third) } })
        : refused('SET <channel> <setting> <number>');
    }
    case 'CALIBRATE':
      return arity(2) && CHANNEL.test(first) && NUMBER.test(second)
        ? taken({ verb, channel: first, share: Number(second) })
        : refused('CALIBRATE <channel> <share>');
    case 'IMPORT': {
      const content = arity(1) ? jsonOf(first) : undefined;
      return content === undefined ? refused('IMPORT <JSON as base64>') : taken({ verb, content });
    }
    case 'PUT':
      return arity(2) && (first === 'firmware' || first === 'library') && isBase64(second)
        ? taken({ verb, what: first, bytes: Buffer.from(second, 'base64') })
        : refused('PUT firmware|library <base64>');
    default:
      return refused('there is no such command');
  }
}

function isBase64(text: string): boolean {
  return text !== '' && text.length % 4 === 0 && BASE64.test(text);
}

function jsonOf(base64: string): unknown {
  if (!isBase64(base64)) return undefined;
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}

function taken(request: ServiceRequest): ParsedRequest {
  return { ok: true, request };
}

function refused(reason: string): ParsedRequest {
  return { ok: false, reason };
}
