import { createInstance } from 'i18next';
import { expect, test } from 'vitest';
import english from '../locales/en';
import {
  ACTIONS,
  actionOf,
  CONDITION_GROUPS,
  CONDITION_KINDS,
  FALLBACK_ACTIONS,
  RULE_ACTIONS,
} from './kinds';
import type { FieldError } from './rules';
import { actionWords, errorsOfRule, placeWords, whenWords } from './words';

const i18n = createInstance();
await i18n.init({
  lng: 'en',
  resources: { en: { translation: english } },
  interpolation: { escapeValue: false },
});
const { t } = i18n;

test('every kind of condition is in exactly one group of the menu', () => {
  const offered = Object.values(CONDITION_GROUPS).flat().toSorted();
  expect(offered).toEqual(CONDITION_KINDS.toSorted());
});

test('every action is offered to rules or fallbacks', () => {
  expect(new Set<string>([...RULE_ACTIONS, ...FALLBACK_ACTIONS])).toEqual(new Set(Object.keys(ACTIONS)));
});

test('another action keeps what both have', () => {
  const queue = { action: 'queue', queue: 'support', priority: 5, fallbacks: [] };
  expect(actionOf('human_first', queue)).toEqual({ ...queue, action: 'human_first' });
  expect(actionOf('call_back', queue)).toEqual({ action: 'call_back', queue: 'support', priority: 5 });
  expect(actionOf('reject', queue)).toEqual({ action: 'reject' });
});

test('a condition is said in words, nested ones too', () => {
  const when = {
    closed: 'office',
    anonymous: false,
    weekday: { days: ['sun', 'sat'], zone: 'Europe/Berlin' },
    queue: { name: 'support', waiting: { at_least: 10, below: 20 } },
    any: [{ in_list: ['vip'] }, { language: ['de'], share: { percent: 10, of: 'trial' } }],
  };
  expect(whenWords(when, t)).toEqual([
    'Number withheld: no',
    'Calendar closed: office',
    'Weekday: Sat, Sun (Europe/Berlin)',
    'Queue stands so: support, waiting from 10 to below 20',
    'any of (Caller list: vip; Language: de and Share of callers: 10 % of “trial”)',
  ]);
});

test('an action is said by what it leads to', () => {
  expect(actionWords({ action: 'queue', queue: 'support', priority: 5 }, t)).toBe('Queue: support');
  expect(actionWords({ action: 'widen_skills', drop: ['german', 'billing'] }, t)).toBe(
    'Do without skills: german, billing',
  );
  expect(actionWords({ action: 'reject' }, t)).toBe('Refuse');
});

test('mistakes are found by their rule and not by a rule whose number begins alike', () => {
  const error = (field: string): FieldError => ({ field, value: null, expected: 'x' });
  const errors = [error('rules.1'), error('rules.1.then.queue'), error('rules.10.name')];
  expect(errorsOfRule(errors, 1)).toHaveLength(2);
  expect(placeWords('rules.1.then.options.2.then.queue')).toBe('then › options › 2 › then › queue');
});
