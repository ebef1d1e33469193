import { same } from './paths';

export type Side = 'mine' | 'theirs';

export interface Difference {
  field: string;
  mine: unknown;
  theirs: unknown;
  /** Who changed it since both began from the same edition; where both did, mine is proposed. */
  proposed: Side;
}

/** The fields in which my draft and what somebody else has saved meanwhile differ. */
export function differencesOf(base: object, mine: object, theirs: object): Difference[] {
  const [from, own, other] = [base, mine, theirs] as Record<string, unknown>[];
  const fields = new Set([...Object.keys(own ?? {}), ...Object.keys(other ?? {})]);
  return [...fields]
    .filter((field) => !same(own?.[field], other?.[field]))
    .map((field) => ({
      field,
      mine: own?.[field],
      theirs: other?.[field],
      proposed: same(from?.[field], own?.[field]) ? 'theirs' : 'mine',
    }));
}

/** Theirs, with my value in every field for which mine was chosen. */
export function mergedOf<T extends object>(
  theirs: T,
  differences: Difference[],
  chosen: Record<string, Side>,
): T {
  const own = differences.filter(({ field, proposed }) => (chosen[field] ?? proposed) === 'mine');
  return { ...theirs, ...Object.fromEntries(own.map(({ field, mine }) => [field, mine])) };
}
