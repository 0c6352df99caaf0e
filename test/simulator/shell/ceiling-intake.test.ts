import { expect, test } from 'vitest';
import { unsettled } from '../../../clock/index.ts';
import { createMemoryPki } from '../../../pki/index.ts';
import {
  Composer,
  type ControlId,
  type Kind,
  type LibraryCeiling,
  type LibraryManifest,
  topicName,
} from '../../../protocol/index.ts';
import { signDocument, signLibrary } from '../../../pump-server/index.ts';
import { ceilingOf, libraryJson } from '../../helpers/ceiling.ts';
import { ShellRig } from './shell-rig.ts';

const AREA = 'adult-icu';
const CONTROLS: ReadonlySet<ControlId> = new Set(['library-ceiling']);

/** A pump with a ceiling from its commissioning, and whoever signs and publishes to it. */
class CeilingRig extends ShellRig {
  readonly pki = createMemoryPki({ clock: this.clock });
  readonly #composer = new Composer({ kind: 'pump-server', id: 'server-01' }, 'boot-x', () =>
    this.clock.now(),
  );

  constructor(ceiling: LibraryCeiling | null = ceilingOf(AREA), controls = CONTROLS, firmware = '1.2.0') {
    super({
      ceiling,
      controls,
      firmware,
      judge: (chain, use, atMs) => this.pki.judge({ revocation: true })(chain, use, atMs),
    });
  }

  async publish(type: 'ceiling-release' | 'library-release', body: object): Promise<void> {
    const link = await this.broker.dial(
      { clientId: 'pump-server:server-02', keepAliveS: 0 },
      { message: () => undefined, closed: () => undefined },
    );
    const message = this.#composer.compose(type, body);
    const topic = topicName({ kind: type, careArea: AREA });
    await link.publish(topic, JSON.stringify(message), { qos: 1, retain: true });
    await this.run(60_000);
  }

  async offerCeiling(ceiling: LibraryCeiling, kind: Kind = 'clinical-engineer'): Promise<void> {
    const signer = this.pki.credentialFor({ kind, id: `${kind}-01` });
    await this.publish('ceiling-release', { ceiling: await signDocument(ceiling, [signer], unsettled) });
  }

  /** A library with that hard maximum of propofol, in mcg/kg/min. */
  async offerLibrary(version: string, sequence: number, hardMax: number): Promise<void> {
    const library = { ...libraryJson(AREA), version, sequence };
    for (const entry of library.entries) if (entry.drug === 'propofol') entry.limits = { hardMax };
    const signed = await signLibrary(
      {
        libraryId: library.id,
        ...{ version, sequence, careArea: AREA },
        models: [this.pump.model.id],
        minimumFirmware: '1.0.0',
        contentBytes: Buffer.from(JSON.stringify(library)),
        notAfterMs: this.clock.now() + 3_600_000,
      },
      [],
      unsettled,
    );
    const manifest: LibraryManifest = signed.manifest;
    this.server.releaseLibrary({ ...signed, manifest });
    await this.run(60_000);
  }

  events(name: string) {
    return this.made.flatMap(({ body }) => ('event' in body && body.event === name ? [body.detail] : []));
  }
}

const later = (change: Parameters<typeof ceilingOf>[1] = {}) =>
  ceilingOf(AREA, { ceilingVersion: '1.1.0', sequence: 2, ...change });

test('a pump refuses what is beyond the ceiling of its commissioning, and keeps what it had', async () => {
  const rig = await new CeilingRig().start();
  const before = rig.pump.libraries.inUse;
  await rig.offerLibrary('2.0.0', 2, 950);
  expect(rig.pump.libraries).toMatchObject({ inUse: before, pending: null });
  expect(rig.seen('library.refused')).toMatchObject([
    { control: 'library-ceiling', cause: expect.stringContaining('propofol is 950 mcg/kg/min') },
  ]);
});

test('a newer ceiling lets go of a library that waits, and tells of one in use', async () => {
  const rig = await new CeilingRig().start();
  await rig.offerLibrary('2.0.0', 2, 98);
  expect(rig.pump.libraries.pending?.version).toBe('2.0.0');
  await rig.offerCeiling(later({ hardMax: { propofol: 90 } }));
  expect(rig.pump.libraries.pending).toBeNull();
  expect(rig.events('library-dropped')).toMatchObject([{ version: '2.0.0', control: 'library-ceiling' }]);
  expect(rig.seen('library.dropped')).toMatchObject([{ outcome: 'denied', object: 'library 2.0.0' }]);
  // The shipped one has 95, and goes on.
  expect(rig.pump.libraries.inUse?.version).toBe('1.0.0');
  expect(rig.events('library-beyond-ceiling')).toMatchObject([{ version: '1.0.0' }]);
  expect(rig.seen('library.beyond-ceiling')).toMatchObject([
    { outcome: 'observed', control: 'library-ceiling' },
  ]);
  expect(rig.on('status').at(-1)?.message.body.libraryPending).toBeNull();
});

test('what a ceiling refused passes under a higher one, without being released again', async () => {
  const rig = await new CeilingRig().start();
  await rig.offerLibrary('2.0.0', 2, 120);
  expect(rig.pump.libraries.pending).toBeNull();
  await rig.offerCeiling(later({ hardMax: { propofol: 130 } }));
  expect(rig.pump.libraries.pending?.version).toBe('2.0.0');
});

test.each<[string, (rig: CeilingRig) => Promise<void>]>([
  ['a pharmacist signed', (rig) => rig.offerCeiling(later(), 'pharmacist')],
  ['nobody signed', (rig) => rig.publish('ceiling-release', { ceiling: later() })],
  ['goes back', (rig) => rig.offerCeiling(ceilingOf(AREA, { ceilingVersion: '0.9.0', sequence: 1 }))],
])('a ceiling that %s is refused, and the one before holds', async (_, offer) => {
  const rig = await new CeilingRig().start();
  await offer(rig);
  expect(rig.seen('ceiling.refused')).toMatchObject([{ control: 'library-ceiling' }]);
  expect(rig.events('ceiling-refused')).toHaveLength(1);
  await rig.offerLibrary('2.0.0', 2, 950);
  expect(rig.pump.libraries.pending).toBeNull();
});

test('a pump without a ceiling takes no library until one comes', async () => {
  const rig = await new CeilingRig(null).start();
  await rig.offerLibrary('2.0.0', 2, 98);
  expect(rig.seen('library.refused')).toMatchObject([{ cause: expect.stringContaining('no ceiling') }]);
  await rig.offerCeiling(ceilingOf(AREA));
  expect(rig.pump.libraries.pending?.version).toBe('2.0.0');
});

test('where the control is off, a ceiling is not even looked at', async () => {
  const rig = await new CeilingRig(ceilingOf(AREA), new Set()).start();
  await rig.offerCeiling(later({ hardMax: { propofol: 1 } }));
  await rig.offerLibrary('2.0.0', 2, 950);
  expect(rig.pump.libraries.pending?.version).toBe('2.0.0');
  expect([rig.seen('ceiling.accepted'), rig.seen('ceiling.refused')]).toEqual([[], []]);
});

test('firmware that knows no ceiling takes a library beyond it', async () => {
  const rig = await new CeilingRig(ceilingOf(AREA), CONTROLS, '1.0.0').start();
  await rig.offerLibrary('2.0.0', 2, 950);
  expect(rig.pump.libraries.pending?.version).toBe('2.0.0');
});

test('a library that was written past every signature loses what is beyond the ceiling with the next patient', async () => {
  const rig = await new CeilingRig().start();
  const library = rig.pump.libraries.inUse!;
  const entries = library.entries.map((entry) =>
    entry.drug === 'propofol' ? { ...entry, limits: {}, rateLimitsMlPerH: { softMax: 999 } } : entry,
  );
  rig.pump.write({
    type: 'library.written',
    library: { ...library, version: '6.6.6', entries },
    by: 'hands',
  });
  const limits = () => rig.pump.libraries.inUse?.entries.find(({ drug }) => drug === 'propofol')?.limits;
  expect(limits()).toEqual({});
  rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
  await rig.run(60_000);
  expect(rig.pump.libraries.inUse?.version).toBe('6.6.6');
  expect(limits()).toEqual({ hardMax: 100 });
  expect(rig.seen('library.capped')).toMatchObject([{ outcome: 'denied', control: 'library-ceiling' }]);
});
