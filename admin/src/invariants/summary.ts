import type { Invariant } from '../api/shapes';

export interface Summary {
  /** Over all rules. */
  violations: number;
  /** The names of the rules that are broken. */
  broken: string[];
}

export function summaryOf(invariants: readonly Invariant[]): Summary {
  const broken = invariants.filter(({ violations }) => violations > 0);
  return {
    violations: broken.reduce((sum, { violations }) => sum + violations, 0),
    broken: broken.map(({ name }) => name),
  };
}

/** How many violations are not among the examples. */
export function unseenOf({ violations, examples }: Invariant): number {
  return Math.max(0, violations - examples.length);
}
