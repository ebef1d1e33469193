import { expect, test } from 'vitest';
import { ApiProblem } from '../api/problem';
import { BLANK, bodyOf, fieldErrors, isConflict, valuesOf, wordsOf } from './values';

test('a limit that is not set is an empty field, and comes back as none', () => {
  const body = bodyOf({ ...BLANK, max_calls: '', daily_budget: 12.5 });
  expect(body.max_calls).toBeNull();
  expect(body.daily_budget).toBe(12.5);
  expect(valuesOf(body)).toMatchObject({ max_calls: '', daily_budget: 12.5 });
});

test('what the server says stands at its field; tools have one place', () => {
  const errors = [
    { field: 'llm.base_url', expected: 'a public address' },
    { field: 'tools.0', expected: 'one of a' },
    { field: 'tools.2', expected: 'one of b' },
  ];
  const problem = new ApiProblem({ status: 422, title: 'wrong', errors });
  expect(fieldErrors(problem)).toEqual({ 'llm.base_url': 'a public address', tools: 'one of a · one of b' });
  expect(isConflict(problem)).toBe(false);
  expect(isConflict(new ApiProblem({ status: 412, title: 'changed' }))).toBe(true);
});

test('a rule that never asks is an empty field, and a keyword that is wrong is named', () => {
  const rules = { keywords: ['lawyer', '?'], after_misunderstandings: 3, after_seconds: null };
  const values = valuesOf({ ...bodyOf(BLANK), escalation: rules });
  expect(values.escalation).toEqual({ ...rules, after_seconds: '', caller_list: null });
  expect(bodyOf(values).escalation).toEqual({ ...rules, caller_list: null });
  const errors = [{ field: 'escalation.keywords.1', expected: 'a word' }];
  const problem = new ApiProblem({ status: 422, title: 'wrong', errors });
  expect(fieldErrors(problem, wordsOf(values))).toEqual({ 'escalation.keywords': '?: a word' });
});

test('words after which a caller goes on are kept as they are, and one that is wrong is named', () => {
  const turns = { ...BLANK.turn_taking, goes_on_after: ['my number is', '…'] };
  const values = valuesOf({ ...bodyOf(BLANK), turn_taking: turns });
  expect(bodyOf(values).turn_taking).toEqual(turns);
  const errors = [{ field: 'turn_taking.goes_on_after.1', expected: 'words' }];
  const problem = new ApiProblem({ status: 422, title: 'wrong', errors });
  expect(fieldErrors(problem, wordsOf(values))).toEqual({ 'turn_taking.goes_on_after': '…: words' });
});
