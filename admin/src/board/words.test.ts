import { expect, test } from 'vitest';
import type { Board, BoardQueue, BoardWorker } from '../api/shapes';
import { clockOf, levelVerdict, neediest, percentText, since, totalsOf, waitVerdict } from './words';

const AT = '2026-11-22T10:00:00Z';
const NOW = Date.parse(AT);

function queue(name: string, values: Partial<BoardQueue> = {}): BoardQueue {
  return {
    name, waiting: 0, waiting_since: null, expected_wait_seconds: 0, target_seconds: 20, target_percent: 80,
    level: null, level_calls: 0, answered: 0, abandoned: 0, average_answer_seconds: null, ...values,
  }; // prettier-ignore
}

test('ages run by the server’s clock, however wrong this machine’s is', () => {
  const clock = clockOf({ at: AT }, 5_000, 8_000);
  expect(clock).toEqual({ now: NOW + 3_000, old: 3_000 });
  expect(since('2026-11-22T09:59:30Z', clock.now)).toBe('0:33');
  expect(since(null, clock.now)).toBeNull();
});

test('a service level is not rounded up to its target', () => {
  expect(percentText(79.9, 'en')).toBe('79%');
  expect(levelVerdict(queue('a', { level: 79.9 }))).toBe('near');
  expect(levelVerdict(queue('a', { level: 80 }))).toBe('good');
  expect(levelVerdict(queue('a', { level: 12 }))).toBe('bad');
  expect(levelVerdict(queue('a'))).toBe('none');
});

test('a wait is judged by the target of its queue', () => {
  const waits = (target_seconds: number) =>
    waitVerdict(queue('a', { waiting: 1, waiting_since: AT, target_seconds }), NOW + 15_000);
  expect([waits(10), waits(20), waits(60)]).toEqual(['bad', 'near', 'good']);
  expect(waitVerdict(queue('a'), NOW)).toBe('none');
});

test('the house is the sum of its queues and of the agents that take calls', () => {
  const worker = { kind: 'agent', state: 'up', seats: 4, busy: 1 } as BoardWorker;
  const totals = totalsOf({
    queues: [
      queue('a', {
        waiting: 2,
        waiting_since: '2026-11-22T09:59:00Z',
        level: 50,
        level_calls: 10,
        answered: 9,
      }),
      queue('b', {
        waiting: 1,
        waiting_since: '2026-11-22T09:58:00Z',
        level: 100,
        level_calls: 30,
        abandoned: 2,
      }),
    ],
    workers: [worker, { ...worker, state: 'draining' }, { ...worker, kind: 'attendant' }],
  } as Board);
  expect(totals).toEqual({
    waiting: 3, waitingSince: '2026-11-22T09:58:00Z', seats: 4, free: 3, answered: 9, abandoned: 2, level: 87.5,
  }); // prettier-ignore
});

test('who needs most stands first', () => {
  const queues = [
    queue('calm'),
    queue('low', { level: 40 }),
    queue('waits', { waiting_since: '2026-11-22T09:59:00Z' }),
    queue('longest', { waiting_since: '2026-11-22T09:50:00Z' }),
  ];
  expect(neediest(queues).map(({ name }) => name)).toEqual(['longest', 'waits', 'low', 'calm']);
});
