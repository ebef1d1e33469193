import { expect, test } from 'vitest';
import { FRESH_MS, noted, tabMemory } from './memory';

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
}

test('a tab that is loaded again knows its call, for a while', () => {
  const tab = storage();
  tabMemory(tab).note('c1', true);
  expect(noted(tab, Date.now())).toEqual({ callId: 'c1', muted: true });
  expect(noted(tab, Date.now() + FRESH_MS + 1_000)).toBeNull();
});

test('a tab that left its call, or holds nonsense, knows none', () => {
  const tab = storage();
  const memory = tabMemory(tab);
  memory.note('c1', false);
  memory.forget();
  expect(noted(tab, Date.now())).toBeNull();
  tab.setItem('desk.call', '{');
  expect(noted(tab, Date.now())).toBeNull();
});
