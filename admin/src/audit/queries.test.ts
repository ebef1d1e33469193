import { expect, test } from 'vitest';
import { filterOf, periodOf } from './queries';

test('what the address says wrongly is left out', () => {
  const search = { who: 'sam@demo.test', thing: 'nonsense', since: '2026-11-20', until: 'yesterday' };
  expect(filterOf(search)).toEqual({ who: 'sam@demo.test', since: '2026-11-20' });
});

test('a day counts from its first moment to its last', () => {
  const { since, until } = periodOf({ since: '2026-11-20', until: '2026-11-20' });
  expect(Date.parse(until ?? '') - Date.parse(since ?? '')).toBe(24 * 3_600_000);
  expect(new Date(since ?? '').getHours()).toBe(0);
});
