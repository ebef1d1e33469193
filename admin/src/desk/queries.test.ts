import { expect, test } from 'vitest';
import type { Escalation } from '../api/shapes';
import { deskKeysTouchedBy, inOrder, isHeldBy, leadingSupervision, wasLost, whispersOf } from './queries';

const escalation = (id: string, requested_at: string, offered_to_me: boolean) =>
  ({ id, requested_at, offered_to_me }) as Escalation;

test('what rings here stands first, then who has waited longest', () => {
  const shown = inOrder([
    escalation('late', '2026-11-20T12:05:00Z', false),
    escalation('early', '2026-11-20T12:00:00Z', false),
    escalation('mine', '2026-11-20T12:09:00Z', true),
  ]);
  expect(shown.map(({ id }) => id)).toEqual(['mine', 'early', 'late']);
});

test('a whisper stands with what the agent answered to it, and without while it has not', () => {
  const at = '2026-11-20T12:00:00Z';
  const events = [
    { type: 'whispered', at, data: { whisper_id: 'w1', text: 'offer a refund' } },
    { type: 'whisper_heard', at, data: { whisper_id: 'w1', text: 'I will offer a refund.' } },
    { type: 'whispered', at, data: { whisper_id: 'w2', text: 'slower' } },
  ] as const;
  expect(whispersOf(events)).toEqual([
    { id: 'w2', text: 'slower', answer: null, at },
    { id: 'w1', text: 'offer a refund', answer: 'I will offer a refund.', at },
  ]);
});

test('who leads is read from the last change', () => {
  const led = { type: 'lead_changed', data: { lead: 'supervisor', supervision_id: 's1' } } as const;
  expect(leadingSupervision([led])).toBe('s1');
  expect(leadingSupervision([led, { type: 'lead_changed', data: { lead: 'agent' } }])).toBeNull();
  expect(leadingSupervision([])).toBeNull();
});

test('a hold is what the last word of this supervisor about it says', () => {
  const held = (supervision_id: string, on: boolean) => ({
    type: 'caller_held',
    data: { supervision_id, held: on },
  });
  expect(isHeldBy([held('s1', true), held('s2', false)], 's1')).toBe(true);
  expect(isHeldBy([held('s1', true), held('s1', false)], 's1')).toBe(false);
  expect(isHeldBy([], 's1')).toBe(false);
});

test('whose browser died in the call may go back, until they have', () => {
  const event = (type: string, actor: string, lost = false) => ({ type, actor, data: { lost } });
  const died = [event('supervisor_joined', 'user:sam'), event('supervisor_left', 'user:sam', true)];
  expect(wasLost(died, 'sam')).toBe(true);
  expect(wasLost(died, 'kim')).toBe(false);
  expect(wasLost([...died, event('supervisor_joined', 'user:sam')], 'sam')).toBe(false);
  expect(wasLost([event('supervisor_left', 'user:sam')], 'sam')).toBe(false);
});

test('what rings is read again when somebody is asked, answers or hangs up, and not for words', () => {
  for (const type of ['escalation_offered', 'escalation_accepted', 'call_ended', 'supervisor_left'])
    expect(deskKeysTouchedBy(type)).toContainEqual(['escalations']);
  expect(deskKeysTouchedBy('supervisor_joined')).toContainEqual(['presence']);
  expect(deskKeysTouchedBy('segment_stored')).toEqual([]);
});
