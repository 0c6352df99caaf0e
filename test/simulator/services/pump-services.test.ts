import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { QuietWire, seededRandom } from '../../../clock/index.ts';
import { buildFirmwarePackage, fillerPayload } from '../../../protocol/firmware/index.ts';
import type { ConnectionGate, ControlId } from '../../../protocol/index.ts';
import { SERVICES, type ServiceName } from '../../../simulator/services/catalogue.ts';
import {
  PumpServices,
  ServedDevice,
  SHARED_SERVICE_CODE,
  serviceHost,
} from '../../../simulator/services/index.ts';
import { DeviceStorage } from '../../../simulator/storage/index.ts';
import { firmwareOf, NOREPINEPHRINE } from '../pump/rig.ts';
import { ShellRig } from '../shell/shell-rig.ts';

const open: DeviceRig[] = [];
afterEach(() => {
  for (const rig of open.splice(0)) rig.services.stop();
});

/** A pump with its services on real sockets; the clock stands still unless the test moves it. */
class DeviceRig extends ShellRig {
  readonly services: PumpServices;
  readonly storage: DeviceStorage;
  readonly wire = new QuietWire();
  readonly sockets: Socket[] = [];
  reaches = true;

  constructor(firmware = '1.0.0', controls: readonly ControlId[] = [], gate?: ConnectionGate) {
    const set: ReadonlySet<ControlId> = new Set(controls);
    super({ firmware, controls: set });
    const { pump, shell, clock } = this;
    const evidence = (entry: (typeof this.evidence)[number]): void => void this.evidence.push(entry);
    const shared = { clock, controls: set, evidence };
    this.storage = new DeviceStorage({
      ...shared,
      ...{ pump, shell, random: seededRandom(1) },
      credential: () => ({ chainPem: 'CERTIFICATE', privateKeyPem: 'PRIVATE KEY' }),
    });
    this.services = new PumpServices({
      ...{ ...shared, gate, settling: this.wire, random: seededRandom(2) },
      device: new ServedDevice(pump, shell, this.storage),
      host: serviceHost(0, 'rehearsal', process.platform),
      ports: 'any',
      reaches: () => this.reaches,
    });
    shell.onSoftware((runs) => (runs ? this.services.start() : this.services.stop()));
    open.push(this);
  }

  override async start(): Promise<this> {
    await super.start();
    await this.wire.settle();
    return this;
  }

  /** Sends lines to a service and resolves to what came back until the service closed, or has said that much. */
  async ask(name: ServiceName, lines: readonly string[]): Promise<string[]> {
    const socket = connect(this.services.endpoint(name));
    this.sockets.push(socket);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => {
        this.wire.watch('client', socket);
        socket.write(lines.map((line) => `${line}\n`).join(''));
        void this.wire.settle().then(() => {
          socket.destroy();
          resolve(text.split('\n').slice(0, -1));
        });
      });
    });
  }
}

const opened = (rig: DeviceRig): ServiceName[] =>
  (Object.keys(SERVICES) as ServiceName[]).filter((name) => rig.services.isOpen(name));

describe('the services of a pump', () => {
  it.each([
    ['1.0.0', ['console', 'files', 'diagnostics', 'session']],
    ['1.1.0', ['console', 'files', 'diagnostics', 'session']],
    ['1.2.0', ['diagnostics', 'session']],
  ])('listen where firmware %s has them', async (firmware, names) => {
    const rig = await new DeviceRig(firmware).start();
    expect(opened(rig)).toEqual(names);
    rig.shell.stop();
    expect(opened(rig)).toEqual([]);
  });

  it('are really closed where services are off, and the refusal has the control', async () => {
    const rig = await new DeviceRig('1.0.0', ['services-off']).start();
    expect(opened(rig)).toEqual([]);
    await expect(rig.ask('console', ['IDENT'])).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    rig.services.refused('console', null);
    expect(rig.seen('service.refused')).toMatchObject([{ outcome: 'denied', control: 'services-off' }]);
  });

  it('go with the software, and come back with it', async () => {
    const rig = await new DeviceRig().start();
    rig.pump.physical({ event: 'battery-failed' });
    rig.pump.physical({ event: 'mains-lost' });
    await rig.run(1_000);
    expect(opened(rig)).toEqual([]);
  });

  it('say that they are for training, and answer nobody whom the gate does not let in', async () => {
    const refusesAll: ConnectionGate = (socket) => {
      socket.destroy();
      return { allowed: false, zone: 'guest', control: 'zone-segmentation', cause: 'no conduit' };
    };
    const rig = await new DeviceRig().start();
    expect((await rig.ask('console', ['IDENT']))[0]).toBe('PUMPRANGE CONSOLE/1 TRAINING, NOT FOR HUMAN USE');
    const gated = await new DeviceRig('1.0.0', [], refusesAll).start();
    expect(await gated.ask('console', ['IDENT'])).toEqual([]);
  });

  it('are out of reach where the network is', async () => {
    const rig = await new DeviceRig().start();
    rig.reaches = false;
    expect(await rig.ask('console', ['IDENT'])).toEqual([]);
  });
});

describe('the maintenance console', () => {
  it('lets everybody in where it is open', async () => {
    const rig = await new DeviceRig('1.0.0').start();
    const answers = await rig.ask('console', ['IDENT', 'READ private-key', 'READ network-key']);
    expect(answers[1]).toContain('"model":"lvp"');
    expect(answers[2]).toContain('PRIVATE KEY');
    expect(answers[3]).toContain('TRAINING-NETWORK-KEY');
  });

  it('asks for a code where it is not, and every pump has the same one', async () => {
    const rig = await new DeviceRig('1.1.0').start();
    expect((await rig.ask('console', ['IDENT']))[1]).toBe('ERR 409 log in first');
    const answers = await rig.ask('console', ['LOGIN 1234', `LOGIN ${SHARED_SERVICE_CODE}`, 'IDENT']);
    expect(answers.slice(1).map((line) => line.slice(0, 3))).toEqual(['ERR', 'OK ', 'OK ']);
  });

  it('ends a conversation after wrong codes', async () => {
    const rig = await new DeviceRig('1.1.0').start();
    const answers = await rig.ask('console', [
      'LOGIN 1',
      'LOGIN 2',
      'LOGIN 3',
      `LOGIN ${SHARED_SERVICE_CODE}`,
    ]);
    expect(answers.filter((line) => line.startsWith('OK'))).toEqual([]);
    expect(rig.seen('service.login')).toHaveLength(3);
  });

  it('gives no key away where keys are protected, and nothing where storage is', async () => {
    // 1.1.0 stores in clear, but keeps its key; 1.2.0 can do both, and has no console.
    const rig = await new DeviceRig('1.1.0', ['key-protection', 'storage-protection']).start();
    const answers = await rig.ask('console', [
      `LOGIN ${SHARED_SERVICE_CODE}`,
      'READ private-key',
      'READ network-key',
    ]);
    expect(answers[2]).toMatch(/^ERR 403 /);
    expect(answers[3]).toMatch(/^OK /);
    expect(rig.seen('storage.refused')).toMatchObject([{ control: 'key-protection' }]);
    const patched = await new DeviceRig('1.2.0', ['storage-protection']).start();
    expect((await patched.ask('diagnostics', ['READ network-key']))[1]).toMatch(/^ERR 403 /);
  });

  it('changes the limits of a running infusion on the oldest firmware alone', async () => {
    for (const [firmware, taken] of [
      ['1.0.0', true],
      ['1.1.0', false],
    ] as const) {
      const rig = await new DeviceRig(firmware).start();
      rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
      await rig.run(60_000);
      rig.pump.bedside('nurse', { action: 'programme', channel: 'A', programme: NOREPINEPHRINE });
      rig.pump.bedside('nurse', { action: 'confirm', channel: 'A' });
      rig.pump.bedside('nurse', { action: 'start', channel: 'A' });
      const set = ['SET A occlusion-limit 50', 'CALIBRATE A 2'];
      const answers = await rig.ask('console', [`LOGIN ${SHARED_SERVICE_CODE}`, ...set]);
      expect(answers[2]?.startsWith('OK')).toBe(taken);
      expect(answers[3]).toMatch(/^ERR/);
      expect(rig.pump.reading().channels[0]?.occlusionLimitMmHg).toBe(taken ? 50 : 525);
    }
  });

  it('clears the log, and imports a configuration only as one is judged', async () => {
    const rig = await new DeviceRig('1.0.0').start();
    rig.server.stop();
    await rig.broker.settle();
    rig.refuse(3);
    expect(rig.shell.log.unconfirmed().length).toBeGreaterThanOrEqual(3);
    const nonsense = Buffer.from('{}').toString('base64');
    const answers = await rig.ask('console', ['CLEAR-LOG', `IMPORT ${nonsense}`]);
    expect(answers.slice(1)).toEqual(['OK "done"', 'ERR 409 it is no device configuration']);
  });

  it('ends a line that is too long without any harm', async () => {
    const rig = await new DeviceRig('1.0.0').start();
    const answers = await rig.ask('console', ['x'.repeat(20_000)]);
    expect(answers.at(-1)).toBe('ERR 413 too long');
    expect(rig.shell.isUp).toBe(true);
  });
});

describe('the file service', () => {
  const packageOf = (version: string): string => {
    const personality = { ...firmwareOf('lvp', '1.0.0'), version };
    const bill = Buffer.from('{"bomFormat":"CycloneDX","specVersion":"1.6"}');
    return Buffer.from(buildFirmwarePackage(personality, fillerPayload(personality, 10), bill)).toString(
      'base64',
    );
  };

  it('installs whatever is a package', async () => {
    const rig = await new DeviceRig('1.1.0', ['signed-firmware', 'anti-rollback']).start();
    rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
    await rig.run(60_000);
    expect((await rig.ask('files', [`PUT firmware ${packageOf('6.6.6')}`]))[1]).toBe('OK "done"');
    await rig.run(5 * 60_000);
    expect(rig.pump.firmware.version).toBe('6.6.6');
  });

  it('refuses what is none, and writes a library into the memory', async () => {
    const rig = await new DeviceRig('1.0.0').start();
    const library = { ...rig.pump.libraries.inUse, version: '6.6.6' };
    const base64 = Buffer.from(JSON.stringify(library)).toString('base64');
    const answers = await rig.ask('files', ['PUT firmware aGVsbG8=', `PUT library ${base64}`]);
    expect(answers[1]).toMatch(/^ERR 409/);
    expect(rig.pump.libraries.inUse?.version).toBe('6.6.6');
  });
});

describe('the diagnostics service', () => {
  it('stays up after it was switched off on weak firmware, until the pump is switched on again', async () => {
    const rig = await new DeviceRig('1.1.0').start();
    expect(rig.services.setService('diagnostics', false)).toEqual({ accepted: true });
    expect(rig.services.isOpen('diagnostics')).toBe(true);
    rig.services.restart();
    expect(rig.services.isOpen('diagnostics')).toBe(false);
    const patched = await new DeviceRig('1.2.0').start();
    patched.services.setService('diagnostics', false);
    expect(patched.services.isOpen('diagnostics')).toBe(false);
    patched.services.setService('diagnostics', true);
    await patched.wire.settle();
    expect(patched.services.isOpen('diagnostics')).toBe(true);
  });

  it('is not switched on where services are off', async () => {
    const rig = await new DeviceRig('1.0.0', ['services-off']).start();
    expect(rig.services.setService('diagnostics', true)).toMatchObject({ control: 'services-off' });
  });
});

describe('the session service', () => {
  it('takes the communication subsystem down on weak firmware, and the infusion goes on', async () => {
    const rig = await new DeviceRig('1.0.0').start();
    rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
    await rig.run(60_000);
    rig.pump.bedside('nurse', { action: 'programme', channel: 'A', programme: NOREPINEPHRINE });
    rig.pump.bedside('nurse', { action: 'confirm', channel: 'A' });
    rig.pump.bedside('nurse', { action: 'start', channel: 'A' });
    await rig.ask('session', ['x'.repeat(2_000)]);
    expect([rig.shell.isUp, rig.shell.isOnline, opened(rig)]).toEqual([false, false, []]);
    await rig.run(2 * 60_000);
    expect(rig.shell.isOnline).toBe(false);
    expect(rig.pump.reading().channels[0]).toMatchObject({ therapy: 'infusing' });
    expect(rig.pump.reading().channels[0]?.flowMlPerH).toBeGreaterThan(0);
    await rig.run(2 * 60_000);
    await rig.wire.settle();
    expect([rig.shell.isUp, rig.shell.isOnline, opened(rig).length]).toEqual([true, true, 4]);
    expect(rig.seen('communications.restarted')).toHaveLength(1);
  });

  it('answers and ends on patched firmware', async () => {
    const rig = await new DeviceRig('1.2.0').start();
    expect((await rig.ask('session', ['HELLO me', 'x'.repeat(2_000)])).slice(1)).toEqual([
      'OK "hello"',
      'ERR 413 too long',
    ]);
    expect(rig.shell.isUp).toBe(true);
  });
});

it('opens and closes a hundred times without leaving a socket', async () => {
  const rig = await new DeviceRig('1.0.0').start();
  const handles = (): number =>
    process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length;
  rig.services.stop();
  await rig.wire.settle();
  const before = handles();
  for (let time = 0; time < 100; time += 1) {
    rig.services.start();
    if (time % 2 === 0) await rig.wire.settle();
    rig.services.stop();
  }
  await rig.wire.settle();
  await new Promise((resolve) => setImmediate(resolve));
  expect(handles()).toBeLessThanOrEqual(before);
});

it('gives each pump an address of its own', () => {
  const hosts = Array.from({ length: 600 }, (_, index) => serviceHost(index, 'ward', 'linux'));
  expect(new Set(hosts).size).toBe(600);
  expect([hosts[0], hosts[254], serviceHost(0, 'rehearsal', 'linux')]).toEqual([
    '127.20.0.1',
    '127.20.1.1',
    '127.20.128.1',
  ]);
  expect(serviceHost(3, 'ward', 'darwin')).toBe('127.0.0.1');
});
