import { expect, test } from 'vitest';
import { plainType } from './words';
import { type Happening, sentenceOf } from './happened';

function sentence(type: Happening['type'], data: Happening['data'] = {}) {
  const { key, values, words } = sentenceOf({ type, data });
  return { key, ...values, ...words };
}

test('an event becomes a sentence with what it carries', () => {
  expect(sentence('call_arrived', { trunk: 'demo' })).toEqual({
    key: 'happened.call_arrived.full',
    trunk: 'demo',
  });
  expect(sentence('call_routed', { rule: 'Main line', action: 'queue' })).toEqual({
    key: 'happened.call_routed.full',
    rule: 'Main line',
    action: 'happened.action.queue',
  });
  expect(sentence('call_ended', { outcome: 'completed', ended_by: 'supervisor' })).toEqual({
    key: 'happened.call_ended.full',
    by: 'happened.endedBy.supervisor',
    outcome: 'outcome.completed',
  });
});

test('where an event carries less, or what this console does not know, the sentence says less', () => {
  expect(sentence('call_arrived')).toEqual({ key: 'happened.call_arrived.plain' });
  expect(sentence('call_ended', { outcome: 'sold', ended_by: 'caller' })).toEqual({
    key: 'happened.call_ended.plain',
  });
  expect(sentence('offer_made', { kind: 'robot', worker: 'w' })).toEqual({
    key: 'happened.offer_made.plain',
  });
});

test('that nobody leads is said as such', () => {
  expect(sentence('lead_changed', { lead: 'none' }).key).toBe('happened.lead_changed.nobody');
});

test('the server says why something failed', () => {
  expect(sentenceOf({ type: 'agent_lost', data: {} }).detail).toBe(true);
  expect(sentenceOf({ type: 'call_answered', data: {} }).detail).toBe(false);
});

test('an event that this console has never heard of is still readable', () => {
  expect(plainType('agent_sang')).toBe('Agent sang');
});
