import type { components } from '../api/schema';

type Schemas = components['schemas'];

export type WrittenCondition = Schemas['When'];
export type ConditionKind = keyof WrittenCondition;
export type RuleAction = Schemas['Rule']['then'];
export type FallbackAction = Schemas['Fallback']['then'];
export type ActionName = RuleAction['action'];
export type FallbackName = FallbackAction['action'];
export type AnyActionName = ActionName | FallbackName;
export type Difference = Schemas['RuleSetDifference'];
export type FieldError = Schemas['ProblemField'];
export type Nameable = Schemas['Nameable'];

/** A condition while it is written: its fields may be half done, so that their values are any plain data. */
export type When = Partial<Record<ConditionKind, unknown>>;
/** An action while it is written. */
export type Action = { action: AnyActionName } & Record<string, unknown>;

/** A rule while it is written; the server says what is wrong with it. */
export interface Rule {
  name: string;
  when?: When;
  then: Action;
}

/** A rule with what the page knows it by, whatever it is called and wherever it stands. */
export interface KeyedRule {
  key: string;
  rule: Rule;
}

let lastKey = 0;

export function newKey(): string {
  lastKey += 1;
  return `r${lastKey}`;
}

export function keyed(rules: readonly Rule[]): KeyedRule[] {
  return rules.map((rule) => ({ key: newKey(), rule }));
}

export function plain(rules: readonly KeyedRule[]): Rule[] {
  return rules.map(({ rule }) => rule);
}

/** These rules, where one keeps the key of the known one of its name: what is open on the page stays open. */
export function rekeyed(rules: readonly Rule[], known: readonly KeyedRule[]): KeyedRule[] {
  const free = new Map(known.map(({ key, rule }) => [rule.name, key]));
  return rules.map((rule) => {
    const key = free.get(rule.name) ?? newKey();
    free.delete(rule.name);
    return { key, rule };
  });
}

/** The same with one field set; without it where the value is undefined. */
export function withField<T extends object>(whole: T, name: string, value: unknown): T {
  if (value !== undefined) return { ...whole, [name]: value };
  return Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name)) as T;
}

/** Equal as JSON, whatever the order of the fields. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

/** A name that no rule has yet: "Main line", "Main line 2". */
export function freeName(wanted: string, rules: readonly KeyedRule[]): string {
  const taken = new Set(rules.map(({ rule }) => rule.name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted} ${number}`;
    if (!taken.has(name)) return name;
  }
}
