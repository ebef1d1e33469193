import { expect, test } from 'vitest';
import { contested, merged } from './merge';
import type { Rule } from './rules';

const rule = (name: string, queue = 'support'): Rule => ({ name, then: { action: 'queue', queue } });
const names = (rules: Rule[]) => rules.map(({ name, then }) => `${name}→${String(then.queue)}`);
const base = [rule('A'), rule('B'), rule('C')];

test('what only one side changed is taken from that side, without a question', () => {
  const mine = [rule('A', 'mine'), rule('B'), rule('C')];
  const theirs = [rule('A'), rule('B'), rule('C', 'theirs'), rule('D')];
  expect(contested(base, mine, theirs).map(({ name, by }) => [name, by])).toEqual([
    ['A', 'mine'],
    ['C', 'theirs'],
    ['D', 'theirs'],
  ]);
  expect(names(merged(base, mine, theirs, new Map()))).toEqual([
    'A→mine',
    'B→support',
    'C→theirs',
    'D→support',
  ]);
});

test('a rule that both changed is ours unless theirs is chosen', () => {
  const mine = [rule('A'), rule('B', 'mine'), rule('C')];
  const theirs = [rule('A'), rule('B', 'theirs'), rule('C')];
  const [question] = contested(base, mine, theirs);
  expect(question?.by).toBe('both');
  expect(names(merged(base, mine, theirs, new Map()))[1]).toBe('B→mine');
  expect(names(merged(base, mine, theirs, new Map([[question?.id ?? '', 'theirs']])))[1]).toBe('B→theirs');
});

test('the same change by both is no question', () => {
  const both = [rule('A', 'x'), rule('B'), rule('C')];
  expect(contested(base, both, structuredClone(both))).toEqual([]);
});

test('a rule that one side removed and the other changed comes back only if that is chosen', () => {
  const mine = [rule('A'), rule('C')];
  const theirs = [rule('A'), rule('B', 'theirs'), rule('C')];
  const [question] = contested(base, mine, theirs);
  expect(question).toMatchObject({ name: 'B', by: 'both', mine: undefined });
  expect(names(merged(base, mine, theirs, new Map()))).toEqual(['A→support', 'C→support']);
  expect(names(merged(base, mine, theirs, new Map([[question?.id ?? '', 'theirs']])))).toEqual(names(theirs));
});

test('who moved rules decides about the order, and new rules of the other stay where they were put', () => {
  const moved = [rule('C'), rule('A'), rule('B')];
  const theirs = [rule('A'), rule('N'), rule('B'), rule('C')];
  expect(merged(base, moved, theirs, new Map()).map(({ name }) => name)).toEqual(['C', 'A', 'N', 'B']);
  expect(merged(base, theirs, moved, new Map()).map(({ name }) => name)).toEqual(['C', 'A', 'N', 'B']);
});

test('a renamed rule is still the same rule', () => {
  const mine = [rule('A', 'x'), rule('B', 'y'), rule('C', 'z')];
  const renamed = [rule('A', 'x'), { ...rule('B', 'y'), name: 'Bee' }, rule('C', 'z')];
  expect(contested(mine, mine, renamed)).toMatchObject([
    { by: 'theirs', mine: { name: 'B' }, theirs: { name: 'Bee' } },
  ]);
  expect(merged(mine, mine, renamed, new Map()).map(({ name }) => name)).toEqual(['A', 'Bee', 'C']);
});
