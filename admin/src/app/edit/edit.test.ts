import { expect, test } from 'vitest';
import { ApiProblem } from '../../api/problem';
import { differencesOf, mergedOf } from './merge';
import { same, valueAt, withValueAt } from './paths';
import { errorAt, errorsElsewhere } from './problems';

test('a value is read and changed by its path, and nothing is changed in place', () => {
  const before = { announce: { texts: ['a', 'b'] } };
  const after = withValueAt(before, 'announce.texts.1', 'c');
  expect(valueAt(after, 'announce.texts.1')).toBe('c');
  expect(before.announce.texts).toEqual(['a', 'b']);
  expect(withValueAt({}, 'ageing.points', 2)).toEqual({ ageing: { points: 2 } });
});

test('absent and null say the same, the order of fields says nothing', () => {
  expect(same({ a: 1, b: null }, { a: 1 })).toBe(true);
  expect(same({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
});

test('of two changes each keeps the field that it alone changed, and mine is proposed where both did', () => {
  const base = { zone: 'UTC', name: 'old', note: '' };
  const mine = { zone: 'UTC', name: 'mine', note: 'mine' };
  const theirs = { zone: 'Asia/Tokyo', name: 'theirs', note: '' };
  const found = differencesOf(base, mine, theirs);
  expect(found.map(({ field, proposed }) => [field, proposed])).toEqual([
    ['zone', 'theirs'],
    ['name', 'mine'],
    ['note', 'mine'],
  ]);
  expect(mergedOf(theirs, found, {})).toEqual({ zone: 'Asia/Tokyo', name: 'mine', note: 'mine' });
  expect(mergedOf(theirs, found, { name: 'theirs', zone: 'mine' })).toEqual({
    zone: 'UTC',
    name: 'theirs',
    note: 'mine',
  });
});

test('an error is shown at its field, also one inside it, and elsewhere when no field shows it', () => {
  const errors = [
    { field: 'weekly.mon.0', expected: 'a span' },
    { field: 'body.zone', expected: 'a zone' },
    { field: 'path.name', expected: 'small letters' },
  ];
  const problem = new ApiProblem({ status: 422, title: 'Unprocessable', errors });
  expect(errorAt(problem, 'weekly.mon')).toBe('a span');
  expect(errorAt(problem, 'zone')).toBe('a zone');
  expect(errorAt(problem, 'weekl')).toBeUndefined();
  expect(errorsElsewhere(problem, ['weekly.mon', 'zone'])).toEqual([errors[2]]);
});
