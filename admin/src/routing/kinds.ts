import type {
  ActionName,
  AnyActionName,
  ConditionKind,
  FallbackAction,
  FallbackName,
  RuleAction,
} from './rules';

/** Where a picker takes its names from (`GET /api/rule-sets/names`). */
export type Source =
  'queues' | 'profiles' | 'calendars' | 'caller_lists' | 'skills' | 'sounds' | 'numbers' | 'trunks';

/** How a value is written; FieldInput.tsx has one input for each. */
export type Shape =
  | { shape: 'name'; source: Source }
  | { shape: 'names'; source: Source }
  | { shape: 'tags'; source?: Source; suggestions?: readonly string[] }
  | { shape: 'line'; source?: Source }
  | { shape: 'number'; least: number; most: number; unset?: number }
  | { shape: 'choice'; choices: readonly ['completed', 'refused'] }
  | { shape: 'countries' | 'yesno' | 'pairs' | 'weekday' | 'between' | 'figures' | 'share' | 'group' }
  | { shape: 'text' | 'drop' | 'action' | 'options' | 'fallbacks' };

/** `starts`: the value when it is added; a field of an action that has none may be left out. */
export type Field = Shape & { starts?: unknown };

const KEYS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#'];
const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'nl', 'pl', 'tr'];

/** Every condition there is: the API's type makes this table complete, and the page draws each form from it. */
export const CONDITIONS: Record<ConditionKind, Field & { starts: unknown }> = {
  to: { shape: 'tags', source: 'numbers', starts: [] },
  from: { shape: 'tags', starts: [] },
  from_prefix: { shape: 'tags', suggestions: ['+49', '+43', '+41', '+44', '+1'], starts: [] },
  from_country: { shape: 'countries', starts: [] },
  anonymous: { shape: 'yesno', starts: true },
  in_list: { shape: 'names', source: 'caller_lists', starts: [] },
  attribute: { shape: 'pairs', starts: {} },
  language: { shape: 'tags', suggestions: LANGUAGES, starts: [] },
  last_queue: { shape: 'names', source: 'queues', starts: [] },
  last_profile: { shape: 'names', source: 'profiles', starts: [] },
  open_call_back: { shape: 'yesno', starts: true },
  open: { shape: 'name', source: 'calendars', starts: '' },
  closed: { shape: 'name', source: 'calendars', starts: '' },
  weekday: { shape: 'weekday', starts: { days: [], zone: 'Europe/Berlin' } },
  queue: { shape: 'figures', starts: { name: '', waiting: { at_least: 1 } } },
  waited_seconds: { shape: 'between', starts: { at_least: 60 } },
  digits: { shape: 'tags', suggestions: KEYS, starts: [] },
  header: { shape: 'pairs', starts: {} },
  entered: { shape: 'yesno', starts: false },
  share: { shape: 'share', starts: { percent: 10, of: '' } },
  all: { shape: 'group', starts: [{}] },
  any: { shape: 'group', starts: [{}] },
  none: { shape: 'group', starts: [{}] },
};

export const CONDITION_KINDS = Object.keys(CONDITIONS) as ConditionKind[];

/** The menu of conditions, by what they ask about. */
export const CONDITION_GROUPS = {
  caller: [
    'from', 'from_prefix', 'from_country', 'anonymous', 'in_list', 'attribute', 'language',
    'last_queue', 'last_profile', 'open_call_back', 'share',
  ],
  call: ['to', 'entered', 'digits', 'waited_seconds', 'header'],
  time: ['open', 'closed', 'weekday'],
  line: ['queue'],
  several: ['all', 'any', 'none'],
} as const satisfies Record<string, readonly ConditionKind[]>; // prettier-ignore

type Every = RuleAction | FallbackAction;
type FieldsOf<Name extends AnyActionName> = Exclude<keyof Extract<Every, { action: Name }>, 'action'>;
type ActionTable = { [Name in AnyActionName]: Record<FieldsOf<Name>, Field> };
export type FieldName = { [Name in AnyActionName]: FieldsOf<Name> }[AnyActionName];

const IN_QUEUE = {
  queue: { shape: 'name', source: 'queues', starts: '' },
  priority: { shape: 'number', least: -100, most: 100, unset: 0 },
  profile: { shape: 'name', source: 'profiles' },
  required_skills: { shape: 'names', source: 'skills' },
  preferred_skills: { shape: 'names', source: 'skills' },
  prefer_seconds: { shape: 'number', least: 0, most: 86_400, unset: 30 },
} as const satisfies Record<string, Field>;

/** Every action there is, with its fields in the order in which they are asked. */
export const ACTIONS: ActionTable = {
  queue: { ...IN_QUEUE, fallbacks: { shape: 'fallbacks' } },
  human_first: {
    ...IN_QUEUE,
    ask_seconds: { shape: 'number', least: 1, most: 600, unset: 20 },
    fallbacks: { shape: 'fallbacks' },
  },
  menu: {
    prompt: { shape: 'text', starts: '' },
    options: { shape: 'options', starts: { 1: { name: '' } } },
    timeout_seconds: { shape: 'number', least: 1, most: 60, unset: 6 },
    repeats: { shape: 'number', least: 0, most: 10, unset: 2 },
    otherwise: { shape: 'action', starts: { action: 'queue', queue: '' } },
  },
  message: {
    text: { shape: 'text' },
    audio: { shape: 'name', source: 'sounds' },
    outcome: { shape: 'choice', choices: ['completed', 'refused'] },
  },
  voicemail: {
    box: { shape: 'line', source: 'queues', starts: '' },
    greeting: { shape: 'text' },
    max_seconds: { shape: 'number', least: 5, most: 3600, unset: 120 },
  },
  call_back: {
    queue: { shape: 'name', source: 'queues', starts: '' },
    priority: { shape: 'number', least: -100, most: 100, unset: 0 },
    profile: { shape: 'name', source: 'profiles' },
    text: { shape: 'text' },
  },
  transfer: {
    number: { shape: 'line', starts: '' },
    trunk: { shape: 'name', source: 'trunks' },
    text: { shape: 'text' },
    failed: { shape: 'text' },
  },
  reject: {},
  widen_skills: { drop: { shape: 'drop', starts: 'all' } },
};

export const RULE_ACTIONS: readonly ActionName[] = [
  'queue', 'human_first', 'menu', 'message', 'voicemail', 'call_back', 'transfer', 'reject',
]; // prettier-ignore
export const FALLBACK_ACTIONS: readonly FallbackName[] = [
  'queue', 'widen_skills', 'message', 'voicemail', 'call_back', 'transfer',
]; // prettier-ignore

/** The fields of an action in their order. */
export function fieldsOf(action: AnyActionName): [FieldName, Field][] {
  return Object.entries(ACTIONS[action]) as [FieldName, Field][];
}

/** A new action of this name; what the old one has in common with it is kept. */
export function actionOf(name: AnyActionName, old: Record<string, unknown> = {}) {
  const made: { action: AnyActionName } & Record<string, unknown> = { action: name };
  for (const [field, { starts }] of fieldsOf(name)) {
    const value = field in old ? old[field] : starts;
    if (value !== undefined) made[field] = value;
  }
  return made;
}
