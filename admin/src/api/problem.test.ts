import { expect, test } from 'vitest';
import { problemFrom } from './problem';

test('a problem document keeps its title, detail and fields', () => {
  const { problem, message } = problemFrom(
    {
      title: 'Not valid',
      detail: 'The limit is too high.',
      errors: [{ field: 'limit', value: 9, expected: '≤ 5' }],
    },
    422,
  );
  expect(problem).toEqual({
    status: 422,
    title: 'Not valid',
    detail: 'The limit is too high.',
    errors: [{ field: 'limit', expected: '≤ 5' }],
  });
  expect(message).toBe('The limit is too high.');
});

test('an error answer that is no problem document still says its status', () => {
  expect(problemFrom('<html>Bad gateway</html>', 502).problem.title).toBe('HTTP 502');
});
