import { expect, test } from 'vitest';
import { dayOf, instantOf, readSearch } from './search';

test('what an address says of no lesson is left out', () => {
  expect(readSearch({ state: 'approved', q: 4711, tag: '', open: 'x', more: 1 })).toEqual({
    state: 'approved',
    q: '4711',
    open: 'x',
  });
  expect(readSearch({ state: 'lost' })).toEqual({});
});

test('a day and its beginning are the same day wherever the reader is', () => {
  expect(dayOf(instantOf('2027-03-28'))).toBe('2027-03-28');
  expect(instantOf('')).toBeNull();
  expect(dayOf(null)).toBe('');
});
