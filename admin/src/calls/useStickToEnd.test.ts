import { expect, test } from 'vitest';
import { isNearEnd } from './useStickToEnd';

test('a box counts as at its end until the reader scrolls up by more than a line or two', () => {
  expect(isNearEnd({ scrollHeight: 1000, clientHeight: 400, scrollTop: 600 })).toBe(true);
  expect(isNearEnd({ scrollHeight: 1000, clientHeight: 400, scrollTop: 560 })).toBe(true);
  expect(isNearEnd({ scrollHeight: 1000, clientHeight: 400, scrollTop: 500 })).toBe(false);
});
