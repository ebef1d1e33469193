import type { LessonState } from '../api/shapes';

export const STATES = ['draft', 'approved', 'rejected', 'merged'] as const satisfies readonly LessonState[];

/** Which lessons are looked at, and which one is open; drafts where no state is named. */
export interface Search {
  state?: LessonState;
  q?: string;
  tag?: string;
  open?: string;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) || undefined : undefined;
}

/** A search from an address; what is none is left out. */
export function readSearch(search: Record<string, unknown>): Search {
  const state = STATES.find((one) => one === search.state);
  const [q, tag, open] = [textOf(search.q), textOf(search.tag), textOf(search.open)];
  return { ...(state && { state }), ...(q && { q }), ...(tag && { tag }), ...(open && { open }) };
}

/** The same search with this changed; undefined takes a part away. */
export function searchWith(
  search: Search,
  change: { [Part in keyof Search]?: Search[Part] | undefined },
): Search {
  return readSearch({ ...search, ...change });
}

/** The day on which a lesson expires, as a field of the type `date` has it. */
export function dayOf(instant: string | null | undefined): string {
  if (!instant) return '';
  const at = new Date(instant);
  const [month, day] = [at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0'));
  return `${at.getFullYear()}-${month ?? ''}-${day ?? ''}`;
}

/** The beginning of that day where the reader is; null for none. */
export function instantOf(day: string): string | null {
  if (day === '') return null;
  const at = new Date(`${day}T00:00`);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
