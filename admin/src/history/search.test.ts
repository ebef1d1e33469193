import { expect, test } from 'vitest';
import { exportAddress, mistakesIn, plainNumber, queryOf, readSearch } from './search';

test('an address is read back as it was written', () => {
  const search = {
    q: 'order 4711',
    number: '+4930',
    queue: 'support',
    outcome: 'completed',
    state: 'ended',
    from: '2026-11-01',
    until: '2026-11-02',
    min: 0,
    max: 90,
  } as const;
  expect(readSearch({ ...search })).toEqual(search);
});

test('what the router took for a number is text again', () => {
  expect(readSearch({ q: 4711, number: 4930 })).toEqual({ q: '4711', number: '4930' });
});

test('what is no search is left out', () => {
  const odd = {
    q: '',
    number: '49%',
    outcome: 'happy',
    state: 7,
    from: '2026-99-99',
    until: 'x',
    min: -1,
    max: 1.5,
  };
  expect(readSearch({ ...odd, other: 'thing' })).toEqual({});
});

test('people write numbers with spaces, brackets and dashes', () => {
  expect(plainNumber('+49 (30) 123-45')).toBe('+493012345');
  expect(plainNumber('call me')).toBeUndefined();
  expect(plainNumber('')).toBeUndefined();
});

test('both days of a range are included, on the clock of the reader', () => {
  const { arrived_from, arrived_until } = queryOf({ from: '2026-11-01', until: '2026-11-01' });
  expect(arrived_from).toBe(new Date(2026, 10, 1).toISOString());
  expect(arrived_until).toBe(new Date(2026, 10, 2).toISOString());
});

test('the table is of the same calls as the page', () => {
  expect(exportAddress({})).toBe('/api/history/export');
  expect(exportAddress({ q: 'a & b', queue: 'support', min: 0 })).toBe(
    '/api/history/export?q=a+%26+b&queue=support&min_seconds=0',
  );
});

test('a range that ends before it begins is a mistake of its end', () => {
  expect(mistakesIn({ from: '2026-11-02', until: '2026-11-01', min: 9, max: 3 })).toEqual({
    until: 'history.rangeWrong',
    max: 'history.rangeWrong',
  });
  expect(mistakesIn({ from: '2026-11-01', until: '2026-11-01', min: 3, max: 3 })).toEqual({});
});
