import { expect, test } from 'vitest';
import { choosable, rolesBelow, toggled } from './scopes';

test('nobody is offered a role for a key that may more than they', () => {
  expect(rolesBelow('admin')).toEqual(['admin', 'supervisor', 'analyst', 'viewer']);
  expect(rolesBelow('supervisor')).toEqual(['supervisor', 'viewer']);
  expect(rolesBelow('analyst')).toEqual(['analyst', 'viewer']);
});

test('what only a session can do is not offered', () => {
  expect(choosable({ permissions: ['own_session', 'read_calls'] })).toEqual(['read_calls']);
});

test.each(['edit_setup', 'supervise'] as const)(
  '%s brings seeing numbers, and no longer seeing them takes it away',
  (scope) => {
    const both = toggled([], scope);
    expect(both).toEqual([scope, 'see_numbers']);
    expect(toggled(both, 'see_numbers')).toEqual([]);
    expect(toggled(both, scope)).toEqual(['see_numbers']);
  },
);
