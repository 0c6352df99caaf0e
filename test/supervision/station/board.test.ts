import { beforeEach, expect, test } from 'vitest';
import { type AlarmMessage, parseSerial, type Serial, type StatusMessage } from '../../../protocol/index.ts';
import { Board } from '../../../supervision/station/board.ts';

const SERIAL = parseSerial('LVP-0001') as Serial;
let changes: string[];
let board: Board;
let seq: number;

beforeEach(() => {
  changes = [];
  seq = 0;
  board = new Board(({ atMs, alarm, change }) => changes.push(`${atMs} ${alarm} ${change}`));
});

function alarm(name: string, change: AlarmMessage['body']['change'], number = seq++): AlarmMessage {
  const body = { alarm: name, channel: 'A', priority: 'high', change, happenedAt: '' };
  return { bootId: 'boot-1', seq: number, body } as AlarmMessage;
}

function status(link: 'online' | 'offline', ...alarms: string[]): StatusMessage {
  const activeAlarms = alarms.map((one) => ({ alarm: one, channel: 'A', priority: 'high' }));
  return { body: { link, activeAlarms } } as unknown as StatusMessage;
}

test('an alarm is shown from when it is raised until it is cleared, however often it changes between', () => {
  board.alarm(SERIAL, alarm('air-in-line', 'raised'), 1);
  board.alarm(SERIAL, alarm('air-in-line', 'silenced'), 2);
  expect(board.pumps()[0]?.alarms).toMatchObject([{ alarm: 'air-in-line', silenced: true, sinceMs: 1 }]);
  board.alarm(SERIAL, alarm('air-in-line', 'escalated'), 3);
  board.alarm(SERIAL, alarm('air-in-line', 'cleared'), 4);
  expect(changes).toEqual(['1 air-in-line shown', '4 air-in-line withdrawn']);
});

test('a record that is sent again brings no alarm back', () => {
  const raised = alarm('air-in-line', 'raised');
  board.alarm(SERIAL, raised, 1);
  board.alarm(SERIAL, alarm('air-in-line', 'cleared'), 2);
  board.alarm(SERIAL, raised, 3);
  expect(changes).toEqual(['1 air-in-line shown', '2 air-in-line withdrawn']);
});

test('the status sets right what was missed, both ways; the last will does not, for it is as old as the session', () => {
  board.alarm(SERIAL, alarm('air-in-line', 'raised'), 1);
  board.status(SERIAL, status('offline'), 2);
  expect(board.pumps()[0]).toMatchObject({ link: 'offline', alarms: [{ alarm: 'air-in-line' }] });
  board.status(SERIAL, status('online', 'door-open'), 3);
  expect(changes.slice(1)).toEqual(['3 air-in-line withdrawn', '3 door-open shown']);
});
