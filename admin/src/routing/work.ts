import { type KeyedRule, keyed, plain, rekeyed, type Rule, same } from './rules';

/** Rules as the server holds them: the draft or, where none is, the published version that a draft would begin with. */
export interface Edition {
  /** Goes along as If-Match; null where nothing was ever published. */
  etag: string | null;
  version: number | null;
  state: 'draft' | 'published' | null;
  publishedVersion: number | null;
  note: string;
  changedBy: string;
  changedAt: string | null;
  rules: Rule[];
}

/** What somebody has on their page, and what it was made from. */
export interface Work {
  base: Edition;
  rules: KeyedRule[];
  note: string;
  past: KeyedRule[][];
  future: KeyedRule[][];
  /** Steps on the same thing one after the other are undone together. */
  lastTouched: string | null;
}

export type Step =
  | { do: 'change'; rules: KeyedRule[]; touched?: string }
  | { do: 'note'; note: string }
  | { do: 'undo' | 'redo' | 'revert' }
  | { do: 'adopt'; edition: Edition }
  | { do: 'saved'; edition: Edition; sent: KeyedRule[] }
  | { do: 'merge'; edition: Edition; rules: Rule[] };

const MOST_STEPS = 100;

export function begin(edition: Edition): Work {
  const note = edition.state === 'draft' ? edition.note : '';
  return { base: edition, rules: keyed(edition.rules), note, past: [], future: [], lastTouched: null };
}

/** Whether something would be lost without being saved. */
export function isUnsaved({ base, rules, note }: Work): boolean {
  return !same(plain(rules), base.rules) || note !== (base.state === 'draft' ? base.note : '');
}

export function next(work: Work, step: Step): Work {
  switch (step.do) {
    case 'change':
      return changed(work, step.rules, step.touched);
    case 'note':
      return { ...work, note: step.note };
    case 'revert':
      return { ...changed(work, rekeyed(work.base.rules, work.rules)), note: begin(work.base).note };
    case 'undo':
    case 'redo':
      return travelled(work, step.do);
    case 'adopt':
      return { ...begin(step.edition), rules: rekeyed(step.edition.rules, work.rules), past: work.past };
    case 'saved':
      // Whoever wrote on while it was being saved keeps what they wrote.
      return work.rules === step.sent
        ? { ...work, base: step.edition, rules: rekeyedInPlace(step.edition.rules, work.rules) }
        : { ...work, base: step.edition };
    case 'merge':
      return { ...changed(work, rekeyed(step.rules, work.rules)), base: step.edition };
  }
}

function changed(work: Work, rules: KeyedRule[], touched: string | null = null): Work {
  const goesOn = touched !== null && touched === work.lastTouched;
  const past = goesOn ? work.past : [...work.past, work.rules].slice(-MOST_STEPS);
  return { ...work, rules, past, future: [], lastTouched: touched };
}

function travelled(work: Work, way: 'undo' | 'redo'): Work {
  const [from, to] = way === 'undo' ? [work.past, work.future] : [work.future, work.past];
  const rules = from.at(-1);
  if (!rules) return work;
  const [left, right] = [from.slice(0, -1), [...to, work.rules]];
  const stacks = way === 'undo' ? { past: left, future: right } : { past: right, future: left };
  return { ...work, ...stacks, rules, lastTouched: null };
}

function rekeyedInPlace(rules: readonly Rule[], known: readonly KeyedRule[]): KeyedRule[] {
  return rules.length === known.length
    ? rules.map((rule, place) => ({ key: known[place]?.key ?? `saved ${place}`, rule }))
    : rekeyed(rules, known);
}
