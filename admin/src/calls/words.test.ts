import { expect, test } from 'vitest';
import type { Segment } from '../api/shapes';
import { callDuration, clockText, durationText, offsetText, plainType, turnsOf } from './words';

test('durations read like a clock', () => {
  expect([0, 7_000, 59_999, 60_000, 754_000, 3_723_000].map(durationText)).toEqual([
    '0:00',
    '0:07',
    '0:59',
    '1:00',
    '12:34',
    '1:02:03',
  ]);
});

test('a clock that runs behind the server never shows a negative duration', () => {
  expect(durationText(-1_500)).toBe('0:00');
});

test('a live call grows with the clock and an ended one stands still', () => {
  const arrived_at = '2026-11-20T10:00:00Z';
  const now = Date.parse('2026-11-20T10:01:05Z');
  expect(callDuration({ arrived_at, ended_at: null }, now)).toBe('1:05');
  expect(callDuration({ arrived_at, ended_at: '2026-11-20T10:00:20Z' }, now)).toBe('0:20');
});

test('offsets count from the start of the call', () => {
  expect(offsetText('2026-11-20T10:00:00Z', '2026-11-20T10:00:04.900Z')).toBe('+0:04');
});

test('the date is shown for every day but today', () => {
  const at = '2026-11-20T10:00:00';
  expect(clockText(at, 'de', new Date('2026-11-20T23:00:00'))).toBe('10:00:00');
  expect(clockText(at, 'de', new Date('2026-11-21T00:30:00'))).toContain('20. Nov');
});

function segment(speaker: Segment['speaker'], seq: number, start_ms: number): Segment {
  return {
    id: `${speaker}${seq}`,
    offer_id: 'o',
    leg_id: 'l',
    seq,
    speaker,
    text: '',
    start_ms,
    end_ms: start_ms + 100,
    interrupted: false,
    language: 'en',
    stored_at: '2026-11-20T10:00:00Z',
  };
}

test('turns follow the time of speaking, not the order of storing', () => {
  const turns = turnsOf([
    segment('agent', 2, 900),
    segment('caller', 1, 500),
    segment('agent', 1, 100),
    segment('agent', 3, 900),
  ]);
  expect(turns.map(({ speaker, segments }) => [speaker, segments.map(({ id }) => id)])).toEqual([
    ['agent', ['agent1']],
    ['caller', ['caller1']],
    ['agent', ['agent2', 'agent3']],
  ]);
});

test('an unknown event type is still readable', () => {
  expect(plainType('agent_changed_voice')).toBe('Agent changed voice');
});
