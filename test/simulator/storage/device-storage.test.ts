import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../clock/index.ts';
import type { ControlId } from '../../../protocol/index.ts';
import {
  DeviceStorage,
  decommission,
  IN_HANDS,
  STORED_KINDS,
  type StoredKind,
} from '../../../simulator/storage/index.ts';
import { ShellRig } from '../shell/shell-rig.ts';

function device(firmware: string, ...controls: ControlId[]) {
  const set: ReadonlySet<ControlId> = new Set(controls);
  const rig = new ShellRig({ firmware, controls: set });
  const { pump, shell, clock } = rig;
  const storage = new DeviceStorage({
    ...{ pump, shell, clock, controls: set, random: seededRandom(1) },
    evidence: (entry) => rig.evidence.push(entry),
    credential: () => ({ chainPem: 'CERTIFICATE', privateKeyPem: 'PRIVATE KEY' }),
  });
  const readable = (): StoredKind[] => STORED_KINDS.filter((kind) => storage.read(kind, IN_HANDS).ok);
  return { rig, storage, readable, set };
}

const SECRETS = ['network-key', 'directory-credential', 'private-key'];

describe('what a pump stores', () => {
  it.each<[string, string, ControlId[], (all: readonly string[]) => readonly string[]]>([
    ['all of it, where nothing protects it', '1.2.0', [], (all) => all],
    ['nothing, where storage is protected', '1.2.0', ['storage-protection'], () => []],
    [
      'all but the key, where keys are protected',
      '1.2.0',
      ['key-protection'],
      (all) => all.filter((kind) => kind !== 'private-key'),
    ],
    [
      'all of it by firmware that can protect nothing',
      '1.0.0',
      ['key-protection', 'storage-protection'],
      (all) => all,
    ],
  ])('is read by whoever holds it: %s', (_, firmware, controls, expected) => {
    expect(device(firmware, ...controls).readable()).toEqual(expected(STORED_KINDS));
  });

  it('is refused with the control that refused', () => {
    const { storage, rig } = device('1.2.0', 'storage-protection', 'key-protection');
    expect(storage.read('private-key', IN_HANDS)).toMatchObject({ control: 'key-protection' });
    expect(storage.read('network-key', 'console')).toMatchObject({ control: 'storage-protection' });
    expect(rig.seen('storage.refused').map(({ visibility }) => visibility)).toEqual(['white', 'blue']);
  });
});

describe('what is altered in the memory', () => {
  const tampered = (
    storage: DeviceStorage,
    change: object = {},
  ): ReturnType<DeviceStorage['alterLibrary']> => {
    const read = storage.read('library', IN_HANDS);
    const library = read.ok ? JSON.parse(read.content) : {};
    return storage.alterLibrary(JSON.stringify({ ...library, version: '6.6.6', ...change }), IN_HANDS);
  };

  it('is the library that the pump goes by from then on, past every signature', () => {
    const { storage, rig } = device('1.0.0', 'signed-library', 'storage-protection');
    expect(tampered(storage)).toEqual({ ok: true });
    expect(rig.pump.libraries.inUse?.version).toBe('6.6.6');
  });

  it('is refused if it is no library, or that of another care area', () => {
    const { storage } = device('1.0.0');
    expect(storage.alterLibrary('{}', IN_HANDS)).toMatchObject({ ok: false, control: null });
    expect(tampered(storage, { careArea: 'nursery' })).toMatchObject({ ok: false, control: null });
  });

  it('is nothing where storage is protected', () => {
    const { storage } = device('1.2.0', 'storage-protection');
    for (const result of [tampered(storage), storage.alterLog('wipe', IN_HANDS)]) {
      expect(result).toMatchObject({ ok: false, control: 'storage-protection' });
    }
  });

  it('takes records out of the log, or what they say, and numbers go on', () => {
    const { storage, rig } = device('1.0.0');
    rig.refuse(3);
    const before = [...rig.shell.log.unconfirmed()];
    expect(storage.alterLog('strike-out', IN_HANDS)).toEqual({ ok: true });
    expect(rig.shell.log.unconfirmed().map(({ body }) => body)).toMatchObject(
      before.map(() => ({ event: 'struck-out', detail: {} })),
    );
    storage.alterLog('wipe', IN_HANDS);
    rig.refuse(1);
    expect(rig.shell.log.unconfirmed().map(({ seq }) => seq)).toEqual([before.length]);
  });
});

describe('a pump that leaves', () => {
  it('carries its secrets with it', () => {
    const { storage, readable, set } = device('1.2.0');
    expect(decommission(storage, set)).toBe(false);
    expect(readable()).toEqual(expect.arrayContaining(SECRETS));
  });

  it('carries nothing where it is wiped, whatever its firmware can do', () => {
    const { storage, readable, set } = device('1.0.0', 'secure-decommission');
    expect(decommission(storage, set)).toBe(true);
    expect(readable()).toEqual([]);
    expect(storage.read('private-key', IN_HANDS)).toMatchObject({ control: 'secure-decommission' });
  });
});
