import { expect, test } from 'vitest';
import { deedOf, KEYS } from './shortcuts';

const key = (change: object) =>
  deedOf({
    key: 't',
    code: 'KeyT',
    altKey: true,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    repeat: false,
    ...change,
  });

test('a letter with Alt is a shortcut, also where Alt types another sign', () => {
  expect(key({})).toBe('take_over');
  expect(key({ key: '†' })).toBe('take_over');
  expect(key({ key: 'l', code: 'KeyP' })).toBe('monitor');
});

test('a letter alone, with another key, or held down does nothing', () => {
  expect(key({ altKey: false })).toBeNull();
  expect(key({ ctrlKey: true })).toBeNull();
  expect(key({ shiftKey: true })).toBeNull();
  expect(key({ repeat: true })).toBeNull();
  expect(key({ key: 'x', code: 'KeyX' })).toBeNull();
});

test('no key means two things', () => {
  expect(new Set(Object.values(KEYS)).size).toBe(Object.keys(KEYS).length);
});
