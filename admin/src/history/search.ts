import type { paths } from '../api/schema';

type Query = NonNullable<paths['/api/history']['get']['parameters']['query']>;

export const OUTCOMES = ['completed', 'abandoned', 'refused', 'voicemail', 'call_back', 'failed'] as const;
export const STATES = ['live', 'ringing', 'waiting', 'talking', 'ended'] as const;

/** What is looked for, as it stands in the page's address; days are the reader's own, both included. */
export interface Search {
  q?: string;
  number?: string;
  queue?: string;
  outcome?: (typeof OUTCOMES)[number];
  state?: (typeof STATES)[number];
  from?: string;
  until?: string;
  /** Seconds. */
  min?: number;
  max?: number;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const NUMBER = /^\+?[0-9]{1,20}$/;
const LONGEST_SECONDS = 604_800;

/** A number as the API takes it, without what people write between digits; undefined when it cannot begin one. */
export function plainNumber(typed: string): string | undefined {
  const digits = typed.replaceAll(/[\s()/.-]/g, '');
  return NUMBER.test(digits) ? digits : undefined;
}

function text(value: unknown, longest: number): string | undefined {
  // The router reads what looks like a number as one.
  const plain = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return plain !== '' && plain.length <= longest ? plain : undefined;
}

function day(value: unknown): string | undefined {
  return typeof value === 'string' && DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

function seconds(value: unknown): number | undefined {
  const count = typeof value === 'number' ? value : Number.NaN;
  return Number.isInteger(count) && count >= 0 && count <= LONGEST_SECONDS ? count : undefined;
}

/** Without what is undefined: `exactOptionalPropertyTypes` and a short address both want it so. */
function only(all: { [Name in keyof Search]: Search[Name] | undefined }): Search {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** What of an address is a search; anything else in it is left out rather than refused. */
export function readSearch(raw: Record<string, unknown>): Search {
  return only({
    q: text(raw.q, 200),
    number: plainNumber(text(raw.number, 40) ?? ''),
    queue: text(raw.queue, 200),
    outcome: OUTCOMES.find((one) => one === raw.outcome),
    state: STATES.find((one) => one === raw.state),
    from: day(raw.from),
    until: day(raw.until),
    min: seconds(raw.min),
    max: seconds(raw.max),
  });
}

/** The first instant of a day, or of the day after it, on this reader's clock. */
function midnight(ofDay: string, daysLater = 0): string {
  const [year = 0, month = 1, date = 1] = ofDay.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}

/** The same for the API. */
export function queryOf({ q, number, queue, outcome, state, from, until, min, max }: Search): Query {
  return {
    ...(q && { q }),
    ...(number && { number }),
    ...(queue && { queue: [queue] }),
    ...(outcome && { outcome: [outcome] }),
    ...(state && { state: [state] }),
    ...(from && { arrived_from: midnight(from) }),
    ...(until && { arrived_until: midnight(until, 1) }),
    ...(min !== undefined && { min_seconds: min }),
    ...(max !== undefined && { max_seconds: max }),
  };
}

/** Where the table of what is found can be taken from. */
export function exportAddress(search: Search): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(queryOf(search))) {
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one));
  }
  const query = parameters.toString();
  return query ? `/api/history/export?${query}` : '/api/history/export';
}

export type Mistake = 'history.rangeWrong';

/** Ranges that end before they begin, by the field to mend. */
export function mistakesIn({ from, until, min, max }: Search): { until?: Mistake; max?: Mistake } {
  return {
    ...(from && until && until < from && { until: 'history.rangeWrong' as const }),
    ...(min !== undefined && max !== undefined && max < min && { max: 'history.rangeWrong' as const }),
  };
}
