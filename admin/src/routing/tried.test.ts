import { expect, test } from 'vitest';
import { callOf, NO_CALL, pairsOf } from './tried';

test('what is left empty is not asked, so that it is looked up', () => {
  expect(callOf({ ...NO_CALL, to: ' +15550100 ' })).toEqual({
    to: '+15550100', from: '', at: null, language: null, digits: [], waited_seconds: 0, lists: null,
    last_queue: null, last_profile: null, open_call_back: null, headers: {}, attributes: {}, queues: {},
  }); // prettier-ignore
});

test('keys, a time and how a queue stands are asked as the API takes them', () => {
  const fields = { ...NO_CALL, to: '1', digits: '1 2,#', at: '2026-11-20T18:42', callBack: 'no' as const };
  const call = callOf({ ...fields, queue: 'support', figures: { waiting: 3 } });
  expect(call.digits).toEqual(['1', '2', '#']);
  expect(new Date(call.at ?? '').getMinutes()).toBe(42);
  expect(call.open_call_back).toBe(false);
  expect(call.queues).toEqual({ support: { waiting: 3 } });
});

test('headers are read from lines, half-typed ones are left out', () => {
  expect(pairsOf('X-Tenant: acme\nX-Url: http://a\nX-Half\n: b')).toEqual({
    'X-Tenant': 'acme',
    'X-Url': 'http://a',
  });
});
