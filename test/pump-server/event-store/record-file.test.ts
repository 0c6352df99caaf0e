import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmMessage, EventMessage } from '../../../protocol/index.ts';
import { openRecordFile } from '../../../pump-server/event-store/record-file.ts';
import { recordOf } from '../../../pump-server/event-store/record-store.ts';
import { FakePump, OTHER, SERIAL } from '../fake-link.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pumprange-records-'));
  path = join(dir, 'records.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true }));

const pump = new FakePump();
const first = recordOf(SERIAL, pump.alarm(0) as AlarmMessage);
const second = recordOf(SERIAL, pump.event(1) as EventMessage);

function filled(): void {
  const store = openRecordFile(path);
  store.append(first);
  store.append(second);
  store.close();
}

describe('openRecordFile', () => {
  it('has the records again after a restart, and only its owner may read them', () => {
    filled();
    const again = openRecordFile(path);
    expect(again.records()).toEqual([first, second]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const other = recordOf(OTHER, new FakePump(OTHER).event(0) as EventMessage);
    again.append(other);
    again.close();
    expect(openRecordFile(path).records()).toEqual([first, second, other]);
  });

  it('has what was given up again after a restart, and what came of it after all', () => {
    filled();
    const store = openRecordFile(path);
    const lost = { serial: SERIAL, fromSeq: 2, toSeq: 4 };
    store.giveUp(lost);
    const [late, next] = [3, 5].map((seq) => recordOf(SERIAL, pump.event(seq) as EventMessage));
    store.append(next!);
    store.append(late!);
    store.close();
    const again = openRecordFile(path);
    expect(again.records()).toEqual([first, second, next, late]);
    expect(again.lost()).toEqual([lost]);
  });

  it('survives a torn last line, wherever it was torn', () => {
    filled();
    const whole = readFileSync(path);
    const oneLine = whole.indexOf(0x0a) + 1;
    for (let size = oneLine; size < whole.length; size += 41) {
      writeFileSync(path, whole);
      truncateSync(path, size);
      const store = openRecordFile(path);
      expect(store.records()).toEqual([first]);
      store.append(second);
      store.close();
      expect(readFileSync(path)).toEqual(whole);
    }
  });

  it.each([
    ['not JSON', 'nonsense', /records\.jsonl:3: not JSON/],
    ['another thing', '{"serial":"LVP-0001"}', /records\.jsonl:3: message/],
    [
      'a loss of what is there',
      '{"serial":"LVP-0001","lost":{"fromSeq":1,"toSeq":4}}',
      /records\.jsonl:3: 1 to 4 of LVP-0001 lost where 2 is due/,
    ],
    ['a loss of nothing', '{"serial":"LVP-0001","lost":{"fromSeq":2,"toSeq":1}}', /records\.jsonl:3: 2 to 1/],
    ['a repetition', undefined, /records\.jsonl:3: record 0 of LVP-0001 where 2 is due/],
  ])('names a whole line that is %s', (_what, line, message) => {
    filled();
    appendFileSync(path, `${line ?? readFileSync(path, 'utf8').split('\n')[0]}\n`);
    expect(() => openRecordFile(path)).toThrow(message);
    expect(() => openRecordFile(path)).toThrow(expect.objectContaining({ code: 'PR_EVENT_STORE_INVALID' }));
  });

  it('leaves nothing of a record that the disk did not take whole', () => {
    let room = Number.POSITIVE_INFINITY;
    const store = openRecordFile(path, (fd, bytes) => {
      if (room === 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      const count = writeSync(fd, bytes.subarray(0, Math.min(room, bytes.length)));
      room -= count;
      return count;
    });
    store.append(first);
    const before = readFileSync(path);
    room = 20;
    expect(() => store.append(second)).toThrow(expect.objectContaining({ code: 'PR_DISK' }));
    expect(readFileSync(path)).toEqual(before);
    expect(store.records()).toEqual([first]);
    room = Number.POSITIVE_INFINITY;
    store.append(second);
    store.close();
    expect(openRecordFile(path).records()).toEqual([first, second]);
  });

  it('says that it cannot open what is no file', () => {
    expect(() => openRecordFile(dir)).toThrow(expect.objectContaining({ code: 'PR_DISK' }));
    expect(() => openRecordFile(join(dir, 'missing', 'x'))).toThrow(
      expect.objectContaining({ code: 'PR_DISK' }),
    );
  });
});
