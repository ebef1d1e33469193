import { expect, test } from 'vitest';
import { safeNext } from './session';

test('after signing in one never leaves the console', () => {
  expect(safeNext('/calls/42?x=1')).toBe('/calls/42?x=1');
  for (const foreign of [
    '//evil.test',
    '/\\evil.test',
    'https://evil.test',
    'javascript:alert(1)',
    undefined,
  ]) {
    expect(safeNext(foreign)).toBe('/');
  }
});
