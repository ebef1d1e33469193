import { expect, test } from 'vitest';
import { keysTouchedBy } from './queries';

test('new words refresh the transcript of their call and nothing else', () => {
  expect(keysTouchedBy({ type: 'segment_stored', call_id: 'c1' })).toEqual([['call', 'c1', 'transcript']]);
});

test('any other event, also one this console does not know yet, refreshes the live list and the whole call', () => {
  for (const type of ['call_answered', 'something_new']) {
    expect(keysTouchedBy({ type, call_id: 'c1' })).toEqual([
      ['calls', 'live'],
      ['call', 'c1'],
    ]);
  }
});

test('only the end of a call refreshes the list of ended calls', () => {
  expect(keysTouchedBy({ type: 'call_ended', call_id: 'c1' })).toContainEqual(['calls', 'ended']);
});
