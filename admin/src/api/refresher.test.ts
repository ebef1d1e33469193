import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeRefresher } from './refresher';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a burst of requests while one read runs leads to exactly one more read, after the pause', async () => {
  const finish: (() => void)[] = [];
  const ask = makeRefresher(() => new Promise((resolve) => finish.push(resolve)), 250);
  ask('list');
  ask('list');
  ask('list');
  expect(finish).toHaveLength(1);
  finish[0]?.();
  await vi.advanceTimersByTimeAsync(249);
  expect(finish).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(finish).toHaveLength(2);
  finish[1]?.();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(finish).toHaveLength(2);
});

test('a request during the pause is not forgotten', async () => {
  let reads = 0;
  const ask = makeRefresher(() => {
    reads += 1;
    return Promise.resolve();
  }, 250);
  ask('list');
  await vi.advanceTimersByTimeAsync(100);
  ask('list');
  expect(reads).toBe(1);
  await vi.advanceTimersByTimeAsync(150);
  expect(reads).toBe(2);
});

test('a read that fails does not block the next one', async () => {
  let reads = 0;
  const ask = makeRefresher(() => {
    reads += 1;
    return Promise.reject(new Error('down'));
  }, 250);
  ask('list');
  await vi.advanceTimersByTimeAsync(250);
  ask('list');
  expect(reads).toBe(2);
});

test('different names do not wait for each other', () => {
  const names: string[] = [];
  const ask = makeRefresher((name) => {
    names.push(name);
    return new Promise(() => undefined);
  }, 250);
  ask('a');
  ask('b');
  expect(names).toEqual(['a', 'b']);
});
