import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client';
import type { Invariant } from '../api/shapes';

/** The page looks again after this pause, whether the last look succeeded or not. */
export const LOOK_AGAIN_MS = 5_000;

export const invariantsQuery = queryOptions({
  queryKey: ['invariants'],
  staleTime: 0,
  refetchInterval: LOOK_AGAIN_MS,
  queryFn: async ({ signal }): Promise<Invariant[]> =>
    (await answerOf(api.GET('/api/health/invariants', { signal }))).items,
});
