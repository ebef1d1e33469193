import type { TFunction } from 'i18next';
import { ACTIONS, CONDITION_KINDS, CONDITIONS } from './kinds';
import type { Action, ConditionKind, FieldError, When } from './rules';

type Say = TFunction;

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const FIGURES = ['waiting', 'free_seats', 'expected_wait_seconds', 'supervisors'] as const;
export const GROUPS = ['all', 'any', 'none'] as const;
export const ANY_VALUE = '*';

/** The kinds of condition that this one has, in the order in which they are asked everywhere. */
export function kindsIn(when: When): ConditionKind[] {
  return CONDITION_KINDS.filter((kind) => when[kind] !== undefined && when[kind] !== null);
}

/** A condition in words, each part for itself: ["Dialled number: +15550100", "Closed: office"]. */
export function whenWords(when: When, t: Say): string[] {
  return kindsIn(when).map((kind) => partWords(kind, when[kind], t));
}

function partWords(kind: ConditionKind, value: unknown, t: Say): string {
  const { shape } = CONDITIONS[kind];
  if (shape === 'group') {
    const each = list(value).map(
      (part) => whenWords(record(part), t).join(t('routing.and')) || t('routing.always'),
    );
    return t(`routing.groupWords.${kind as (typeof GROUPS)[number]}`, { parts: each.join('; ') });
  }
  return `${t(`routing.kind.${kind}`)}: ${valueWords(kind, value, t)}`;
}

function valueWords(kind: ConditionKind, value: unknown, t: Say): string {
  const given = record(value);
  switch (CONDITIONS[kind].shape) {
    case 'yesno':
      return t(value === true ? 'routing.yes' : 'routing.no');
    case 'pairs':
      return Object.entries(given)
        .map(([key, values]) => `${key} = ${list(values).join(' / ')}`)
        .join(', ');
    case 'weekday':
      return `${daysOf(given.days).map((day) => t(`routing.day.${day}`)).join(', ')} (${text(given.zone)})`; // prettier-ignore
    case 'between':
      return betweenWords(value, t);
    case 'figures':
      return [text(given.name), ...figureWords(given, t)].join(', ');
    case 'share':
      return t('routing.shareWords', { percent: text(given.percent), of: text(given.of) });
    default:
      return Array.isArray(value) ? value.map(text).join(', ') : text(value);
  }
}

function daysOf(days: unknown): (typeof DAYS)[number][] {
  return DAYS.filter((day) => list(days).includes(day));
}

function figureWords(given: Record<string, unknown>, t: Say): string[] {
  const present = FIGURES.filter((figure) => given[figure] !== undefined && given[figure] !== null);
  return present.map((figure) => `${t(`routing.figure.${figure}`)} ${betweenWords(given[figure], t)}`);
}

function betweenWords(value: unknown, t: Say): string {
  const { at_least: least, below } = record(value);
  if (least === undefined || least === null) return t('routing.below', { below: text(below) });
  if (below === undefined || below === null) return t('routing.atLeast', { least: text(least) });
  return t('routing.fromTo', { least: text(least), below: text(below) });
}

/** What an action does in a few words: "Queue support", "Message: We are closed.". */
export function actionWords(action: Action, t: Say): string {
  const name = t(`routing.action.${action.action}`);
  const main = Object.keys(ACTIONS[action.action]).find(
    (field) => action[field] !== undefined && action[field] !== '',
  );
  if (!main || action.action === 'menu') return name;
  const value = action[main];
  const said = action.action === 'widen_skills' && value === 'all' ? t('routing.dropAll') : list(value).map(text).join(', '); // prettier-ignore
  return said === '' ? name : `${name}: ${said}`;
}

/** Where in a rule a mistake is, in words: `rules.2.then.options.1.then.queue` → "then › options › 1 › then › queue". */
export function placeWords(field: string): string {
  return field
    .replace(/^rules\.\d+\.?/, '')
    .split('.')
    .join(' › ');
}

/** The mistakes in this rule. */
export function errorsOfRule(errors: readonly FieldError[], place: number): FieldError[] {
  const start = `rules.${place}`;
  return errors.filter(({ field }) => field === start || field.startsWith(`${start}.`));
}

export function list(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}
