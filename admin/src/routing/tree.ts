import type { Action, Rule, When } from './rules';
import { list, record, text } from './words';

/** Where calls go: a number, a rule that may take its calls, what that does, and what comes of it. */
export type Branch =
  | { is: 'numbers'; numbers: string[]; next: Branch[] }
  | { is: 'others'; next: Branch[] }
  | { is: 'rule'; place: number; name: string; when: When; next: Branch[] }
  | { is: 'action'; action: Action; edge: Edge | null; next: Branch[] }
  | { is: 'again'; edge: Edge | null; next: Branch[] }
  | { is: 'nothing'; edge: Edge | null; next: Branch[] };

export type Edge =
  { by: 'key'; key: string; name: string } | { by: 'otherwise' } | { by: 'after'; seconds: number };

interface Call {
  /** The dialled number; null for one that is not the company's. */
  to: string | null;
  digits: string;
}

const MOST_KEYS = 3;

/** Of each of the company's numbers, those with the same way together, and of every other number. */
export function treeOf(rules: readonly Rule[], numbers: readonly string[]): Branch[] {
  const ways = new Map<string, { numbers: string[]; next: Branch[] }>();
  for (const to of numbers) {
    const next = rulesFor(rules, { to, digits: '' });
    const way = JSON.stringify(next);
    const alike = ways.get(way);
    if (alike) alike.numbers.push(to);
    else ways.set(way, { numbers: [to], next });
  }
  const entered = [...ways.values()].map((way): Branch => ({ is: 'numbers', ...way }));
  return [...entered, { is: 'others', next: rulesFor(rules, { to: null, digits: '' }) }];
}

/** The rules that may decide about such a call, up to the one that takes all that are left. */
function rulesFor(rules: readonly Rule[], call: Call): Branch[] {
  const found: Branch[] = [];
  for (const [place, rule] of rules.entries()) {
    const rest = restOf(rule.when ?? {}, call);
    if (!rest) continue;
    found.push({
      is: 'rule',
      place,
      name: rule.name,
      when: rest,
      next: [actionBranch(rule.then, null, rules, call)],
    });
    if (Object.keys(rest).length === 0) return found;
  }
  return [...found, { is: 'nothing', edge: null, next: [] }];
}

/** What else must be true of such a call; null where the rule cannot take it. */
function restOf(when: When, { to, digits }: Call): When | null {
  if (when.to && (to === null || !list(when.to).includes(to))) return null;
  if (typeof when.entered === 'boolean' && when.entered !== (to !== null)) return null;
  if (when.digits && !list(when.digits).includes(digits)) return null;
  const answered = new Set(['to', 'entered', 'digits']);
  const rest = Object.entries(when).filter(
    ([kind, value]) => !answered.has(kind) && value !== undefined && value !== null,
  );
  return Object.fromEntries(rest);
}

function actionBranch(action: Action, edge: Edge | null, rules: readonly Rule[], call: Call): Branch {
  const next =
    action.action === 'menu' ? menuBranches(action, rules, call) : fallbackBranches(action, rules, call);
  return { is: 'action', action, edge, next };
}

function menuBranches(menu: Action, rules: readonly Rule[], call: Call): Branch[] {
  const keys = Object.entries(record(menu.options)).map(([key, option]): Branch => {
    const { name, then } = record(option);
    const edge: Edge = { by: 'key', key, name: text(name) };
    if (isAction(then)) return actionBranch(then, edge, rules, call);
    const pressed = call.digits + key;
    return {
      is: 'again',
      edge,
      next: pressed.length > MOST_KEYS ? [] : answersTo(menu, rules, { ...call, digits: pressed }),
    };
  });
  const { otherwise } = menu;
  return isAction(otherwise) ? [...keys, actionBranch(otherwise, { by: 'otherwise' }, rules, call)] : keys;
}

/** The rules that are asked again after a key, without the menu that was just heard. */
function answersTo(menu: Action, rules: readonly Rule[], call: Call): Branch[] {
  const others = rules.map((rule): Rule => (rule.then === menu ? { ...rule, when: { digits: [] } } : rule));
  return rulesFor(others, call);
}

function fallbackBranches(action: Action, rules: readonly Rule[], call: Call): Branch[] {
  return list(action.fallbacks).flatMap((fallback) => {
    const { after_seconds: seconds, then } = record(fallback);
    if (!isAction(then)) return [];
    return [actionBranch(then, { by: 'after', seconds: Number(seconds) || 0 }, rules, call)];
  });
}

export function isAction(value: unknown): value is Action {
  return typeof record(value).action === 'string';
}
