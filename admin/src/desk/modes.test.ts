import { expect, test } from 'vitest';
import { MODES, opening, type Situation, SPEAKING, stepsOf, undoOf, whyNot } from './modes';

const TALKING = { state: 'talking', answered_at: '2026-11-20T12:00:00Z', lead: 'agent' } as const;
const OUT: Situation = { call: TALKING, phase: 'out', mode: null, elsewhere: false };
const LEADING: Situation = { call: TALKING, phase: 'in', mode: 'take_over', elsewhere: false };

test('a narrower mode is silent first, restricted next, and heard again only when the server has confirmed', () => {
  expect(stepsOf('barge', 'whisper')).toEqual(['mute', 'restrict', 'ask', 'unmute']);
  expect(stepsOf('take_over', 'whisper')).toEqual(['mute', 'restrict', 'ask', 'unmute']);
  expect(stepsOf('take_over', 'monitor')).toEqual(['mute', 'ask', 'unpublish']);
});

test('a wider mode is never silent, and permitted before the server subscribes the caller', () => {
  expect(stepsOf('whisper', 'barge')).toEqual(['open', 'ask']);
  expect(stepsOf('barge', 'take_over')).toEqual(['ask']);
});

test('nothing is published before it is said who may hear it', () => {
  for (const to of SPEAKING) {
    const steps = stepsOf('monitor', to);
    expect(steps.indexOf(opening(to))).toBeLessThan(steps.indexOf('publish'));
    expect(steps.indexOf('ask')).toBeLessThan(steps.indexOf('publish'));
  }
  expect(opening('whisper')).toBe('restrict');
});

test('a change that was refused leaves who may hear as it was, and never opens the microphone', () => {
  expect(undoOf('whisper', 'take_over')).toEqual(['restrict']);
  expect(undoOf('barge', 'whisper')).toEqual(['open']);
  for (const from of MODES) for (const to of MODES) expect(undoOf(from, to)).not.toContain('unmute');
});

test('a button that cannot be pressed says why', () => {
  expect(whyNot('take_over', { ...OUT, call: { ...TALKING, state: 'ended' } })).toBe('over');
  expect(whyNot('monitor', { ...OUT, elsewhere: true })).toBe('elsewhere');
  expect(whyNot('barge', { ...OUT, call: { ...TALKING, lead: 'attendant' } })).toBe('nobodyTalks');
  expect(whyNot('whisper', { ...OUT, call: { ...TALKING, answered_at: null } })).toBe('nobodyTalks');
  expect(whyNot('hand_back', OUT)).toBe('notIn');
  expect(whyNot('hand_back', { ...LEADING, mode: 'whisper' })).toBe('notLeading');
  expect(whyNot('hold', { ...LEADING, mode: 'barge' })).toBe('noLead');
  expect(whyNot('mute', { ...LEADING, mode: 'monitor' })).toBe('noMicrophone');
  expect(whyNot('barge', { ...LEADING, phase: 'switching' })).toBe('wait');
});

test('what can be done can be pressed', () => {
  expect(MODES.map((mode) => whyNot(mode, OUT))).toEqual([null, null, null, null]);
  expect(whyNot('monitor', { ...OUT, call: { ...TALKING, lead: 'attendant' } })).toBeNull();
  expect(whyNot('hand_back', LEADING)).toBeNull();
  expect(whyNot('mute', LEADING)).toBeNull();
  expect(whyNot('hold', LEADING)).toBeNull();
  expect(whyNot('leave', { ...LEADING, phase: 'switching' })).toBeNull();
});
