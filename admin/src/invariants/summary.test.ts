import { expect, test } from 'vitest';
import type { Invariant } from '../api/shapes';
import { summaryOf, unseenOf } from './summary';

function rule(name: string, violations: number, shown = violations): Invariant {
  const examples = Array.from({ length: shown }, (_, place) => ({
    call_id: `c${place}`,
    detail: 'two agents',
  }));
  return { name, promise: 'Never.', violations, examples };
}

test('kept promises add up to nothing', () => {
  expect(summaryOf([rule('I1', 0), rule('I2', 0)])).toEqual({ violations: 0, broken: [] });
});

test('violations of all rules are counted and the broken rules are named', () => {
  expect(summaryOf([rule('I1', 0), rule('I3', 12, 10), rule('I5', 1)])).toEqual({
    violations: 13,
    broken: ['I3', 'I5'],
  });
});

test('what the examples leave out is said', () => {
  expect(unseenOf(rule('I3', 12, 10))).toBe(2);
  expect(unseenOf(rule('I5', 1))).toBe(0);
});
