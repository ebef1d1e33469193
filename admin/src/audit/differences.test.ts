import { expect, test } from 'vitest';
import { differences } from './differences';

test('only what changed is told, with the place where it is', () => {
  const before = { name: 'Sam', role: 'viewer', week: { mon: [{ from: '08:00' }] }, tags: ['a', 'b'] };
  const after = { name: 'Sam', role: 'admin', week: { mon: [{ from: '09:00' }] }, tags: ['a'] };
  expect(differences(before, after)).toEqual([
    { field: 'role', before: 'viewer', after: 'admin' },
    { field: 'week.mon.0.from', before: '08:00', after: '09:00' },
    { field: 'tags', before: 'a, b', after: 'a' },
  ]);
});

test('something new has no before, something deleted no after', () => {
  expect(differences(null, { disabled: false })).toEqual([
    { field: 'disabled', before: null, after: 'false' },
  ]);
  expect(differences({ seats: 4 }, null)).toEqual([{ field: 'seats', before: '4', after: null }]);
  expect(differences(null, null)).toEqual([]);
});

test('null and nothing are the same', () => {
  expect(differences({ note: null, list: [] }, {})).toEqual([]);
});
