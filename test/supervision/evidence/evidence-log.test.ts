import { generateKeyPairSync, sign as signBytes, verify as verifyBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { CONTROL_IDS, type ControlId, type EvidenceEntry } from '../../../protocol/index.ts';
import { chainHash, GENESIS } from '../../../supervision/evidence/chain.ts';
import {
  type Checkpoint,
  createEvidenceLog,
  type EvidenceFault,
  type LineStore,
  memoryLines,
  openLineFile,
  verifyEvidence,
} from '../../../supervision/index.ts';

const ALL: ReadonlySet<ControlId> = new Set(CONTROL_IDS);
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const sign = (bytes: Uint8Array) => signBytes('sha256', bytes, keys.privateKey);
const verify = (bytes: Uint8Array, signature: Uint8Array) =>
  verifyBytes('sha256', bytes, keys.publicKey, signature);

function entry(object: string, parts: Partial<EvidenceEntry> = {}): EvidenceEntry {
  return {
    source: 'broker',
    event: 'publish.denied',
    outcome: 'denied',
    visibility: 'blue',
    object,
    ...parts,
  };
}

/** A log of ten lines with a checkpoint at every fourth and at its end. */
function written() {
  const store = memoryLines();
  const kept: Checkpoint[] = [];
  const log = createEvidenceLog({
    clock: new HeapClock(5_000),
    startMs: 1_000,
    stores: [store],
    controls: ALL,
    sign,
    keepElsewhere: (checkpoint) => kept.push(checkpoint),
    checkpointEvery: 4,
  });
  for (let number = 1; number <= 10; number++) log.record(entry(`topic-${number}`));
  log.close();
  return { lines: [...store.lines], kept, log };
}

function faultsOf(lines: readonly string[], checkpoints: readonly Checkpoint[]): readonly EvidenceFault[] {
  return verifyEvidence(lines, checkpoints, verify).faults;
}

/** Replaces a topic in lines, with whatever hashes they had. */
function edited(lines: readonly string[], n: number): string[] {
  return lines.map((line) => line.replace(`"topic-${n}"`, '"forged"'));
}

/** Numbers and hashes all lines anew, as somebody who can write the whole file would. */
function recomputed(lines: readonly string[]): string[] {
  let previous = GENESIS;
  return lines.map((line, index) => {
    const { event } = JSON.parse(line);
    const hash = chainHash(previous, event);
    const text = JSON.stringify({ n: index + 1, hash, previous, event });
    previous = hash;
    return text;
  });
}

describe('a log that is examined', () => {
  it('is intact as it was written, and vouched for up to its end', () => {
    const { lines, kept } = written();
    expect(kept.map(({ n }) => n)).toEqual([4, 8, 10]);
    expect(verifyEvidence(lines, kept, verify)).toEqual({
      intact: true,
      lines: 10,
      vouchedToN: 10,
      faults: [],
    });
  });

  it('betrays a changed line', () => {
    const { lines, kept } = written();
    expect(faultsOf(edited(lines, 5), kept)).toEqual([{ fault: 'changed', n: 5 }]);
  });

  it('betrays a changed line whose own hash was made to fit', () => {
    const { lines, kept } = written();
    const line = JSON.parse(edited(lines, 5)[4]!);
    const fitting = JSON.stringify({ ...line, hash: chainHash(line.previous, line.event) });
    expect(faultsOf(lines.with(4, fitting), kept)).toEqual([{ fault: 'unlinked', n: 6 }]);
  });

  it('betrays missing lines, at its beginning too', () => {
    const { lines, kept } = written();
    expect(faultsOf([...lines.slice(0, 4), ...lines.slice(6)], kept)).toEqual([
      { fault: 'missing', fromN: 5, toN: 6 },
    ]);
    expect(faultsOf(lines.slice(2), kept)).toEqual([{ fault: 'missing', fromN: 1, toN: 2 }]);
  });

  it('betrays that it was cut off', () => {
    const { lines, kept } = written();
    expect(faultsOf(lines.slice(0, 9), kept)).toEqual([{ fault: 'truncated', lastN: 9, checkpointN: 10 }]);
    expect(faultsOf([], kept)).toEqual([{ fault: 'truncated', lastN: 0, checkpointN: 10 }]);
  });

  it('betrays lines in another order, and lines that are there twice', () => {
    const { lines, kept } = written();
    const swapped = lines.with(4, lines[5]!).with(5, lines[4]!);
    expect(faultsOf(swapped, kept)).toEqual([{ fault: 'reordered', n: 5 }]);
    expect(faultsOf(lines.toSpliced(5, 0, lines[4]!), kept)).toEqual([{ fault: 'repeated', n: 5 }]);
  });

  it('betrays a chain that was computed anew, by the checkpoints kept elsewhere and only by them', () => {
    const { lines, kept } = written();
    const forged = recomputed(edited(lines, 5));
    expect(faultsOf(forged, [])).toEqual([]);
    expect(faultsOf(forged, kept)).toEqual([
      { fault: 'recomputed', n: 8 },
      { fault: 'recomputed', n: 10 },
    ]);
    const shortened = recomputed(lines.toSpliced(4, 1));
    expect(faultsOf(shortened, kept)).toContainEqual({ fault: 'truncated', lastN: 9, checkpointN: 10 });
  });

  it('believes no checkpoint that somebody else signed', () => {
    const { lines, kept } = written();
    const forged = { ...kept[2]!, head: GENESIS };
    expect(verifyEvidence(lines, [kept[0]!, forged], verify)).toMatchObject({
      vouchedToN: 4,
      faults: [{ fault: 'bad-checkpoint', n: 10 }],
    });
  });

  it('survives lines that are no lines', () => {
    const { lines, kept } = written();
    const faults = faultsOf(['null', 'x{', '{}', ...lines], kept);
    expect(faults.map(({ fault }) => fault)).toEqual(['unreadable', 'unreadable', 'unreadable']);
  });
});

describe('a log that is written', () => {
  it('adds the times and fills in what is absent', () => {
    const { log } = written();
    expect(log.events()[0]).toEqual({
      ...entry('topic-1'),
      deviceTimeMs: null,
      receiptTimeMs: 5_000,
      simulatedMs: 4_000,
      zone: null,
      address: null,
      session: null,
      subject: null,
      certificateFingerprint: null,
      control: null,
      cause: null,
    });
  });

  it('shows blue nothing where the audit trail is off, and hands no checkpoint on where offloading is', () => {
    const kept: Checkpoint[] = [];
    const options = {
      clock: new HeapClock(0),
      stores: [],
      sign,
      keepElsewhere: (one: Checkpoint) => kept.push(one),
    };
    const bare = createEvidenceLog({ ...options, controls: new Set<ControlId>() });
    bare.record(entry('a'));
    bare.record(entry('b', { visibility: 'red' }));
    bare.close();
    expect(bare.events().map(({ visibility }) => visibility)).toEqual(['white', 'red']);
    expect(kept).toEqual([]);
    expect(bare.checkpoints()).toHaveLength(1);
  });

  it('keeps the latest events only, if told so', () => {
    const log = createEvidenceLog({ clock: new HeapClock(0), stores: [], controls: ALL, keepEvents: 3 });
    for (let number = 1; number <= 10; number++) log.record(entry(String(number)));
    expect(log.events().map(({ object }) => object)).toEqual(['8', '9', '10']);
  });

  it('never throws: not on a value that JSON lacks, not when a checkpoint cannot be signed or handed on', () => {
    const log = createEvidenceLog({
      clock: new HeapClock(0),
      stores: [memoryLines()],
      controls: ALL,
      checkpointEvery: 1,
      sign: () => {
        throw new Error('no key');
      },
    });
    log.record(entry('a', { deviceTimeMs: Number.NaN }));
    log.record(entry('b'));
    expect(log.events().map(({ object }) => object)).toEqual(['b']);
    expect(log.losses()).toEqual({ lines: 1, checkpoints: 1 });
    log.close();
    log.record(entry('c'));
    expect(log.losses().lines).toBe(2);
  });

  it('counts what a full disk did not take, and says so in the log once there is room', () => {
    const lines = memoryLines();
    let full = false;
    const store: LineStore = { ...lines, append: (line) => !full && lines.append(line) };
    const log = createEvidenceLog({ clock: new HeapClock(0), stores: [store], controls: ALL });
    log.record(entry('1'));
    full = true;
    log.record(entry('2'));
    log.record(entry('3'));
    full = false;
    log.record(entry('4'));
    expect(log.losses().lines).toBe(2);
    expect(lines.lines.map((line) => JSON.parse(line).n)).toEqual([1, 4, 5]);
    expect(JSON.parse(lines.lines[2]!).event).toMatchObject({
      event: 'evidence.lines-lost',
      cause: '2 lines could not be written',
    });
    expect(faultsOf(lines.lines, [])).toEqual([{ fault: 'missing', fromN: 2, toN: 3 }]);
  });
});

describe('a log in a file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pumprange-evidence-'));
    file = join(folder, 'evidence.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n').slice(0, -1);
  function open() {
    return createEvidenceLog({ clock: new HeapClock(0), stores: [openLineFile(file)], controls: ALL });
  }
  function record(...objects: string[]) {
    const log = open();
    for (const object of objects) log.record(entry(object));
    log.close();
    return log;
  }

  it('goes on with its chain after a restart, in a file for its owner only', () => {
    record('1', '2');
    record('3');
    expect(verifyEvidence(linesOf(file), [], verify)).toMatchObject({ intact: true, lines: 3 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('sets a torn last line aside, notes it, and goes on', () => {
    record('1', '2');
    appendFileSync(file, '{"n":3,"hash":"ab');
    record('3');
    expect(readFileSync(`${file}.torn`, 'utf8')).toBe('{"n":3,"hash":"ab\n');
    expect(linesOf(file).map((line) => JSON.parse(line).event.event)).toEqual([
      'publish.denied',
      'publish.denied',
      'evidence.torn-line',
      'publish.denied',
    ]);
    expect(verifyEvidence(linesOf(file), [], verify).intact).toBe(true);
  });

  it('takes up a chain whose last lines are longer than one read', () => {
    record('1', 'x'.repeat(200_000));
    appendFileSync(file, 'y'.repeat(150_000));
    record('3');
    expect(verifyEvidence(linesOf(file), [], verify)).toMatchObject({ intact: true, lines: 4 });
  });

  it('notes a last line that says nothing, and leaves it for verification to find', () => {
    writeFileSync(file, 'nonsense\n');
    record('1');
    expect(JSON.parse(linesOf(file)[1]!).event.event).toBe('evidence.unreadable-line');
    expect(faultsOf(linesOf(file), [])).toEqual([{ fault: 'unreadable', at: 1 }]);
  });

  it('leaves no piece of a line that the disk did not take whole', () => {
    let room = 30;
    const store = openLineFile(file, {
      write(fd, bytes) {
        if (room === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        const piece = bytes.subarray(0, room);
        room -= piece.length;
        appendFileSync(fd, piece);
        return piece.length;
      },
    });
    expect(store.append('a'.repeat(19))).toBe(true);
    expect(store.append('b'.repeat(19))).toBe(false);
    room = 1_000;
    expect(store.append('c')).toBe(true);
    store.close();
    expect(readFileSync(file, 'utf8')).toBe(`${'a'.repeat(19)}\nc\n`);
  });

  it('says with a code that a file cannot be opened', () => {
    expect(() => openLineFile(join(folder, 'no', 'folder.jsonl'))).toThrow(
      expect.objectContaining({ code: 'PR_DISK' }),
    );
  });
});
