import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client';

export const BOARD_KEY = ['board'] as const;

/** Beats of workers and the passing of time are no events: the board looks for them by itself. */
export const LOOK_AGAIN_MS = 2_000;

/** The board with "today" as it is where the reader sits. A hidden wallboard goes on looking. */
export const boardQuery = queryOptions({
  queryKey: BOARD_KEY,
  staleTime: 0,
  retry: false,
  refetchInterval: LOOK_AGAIN_MS,
  refetchIntervalInBackground: true,
  queryFn: ({ signal }) => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    return answerOf(api.GET('/api/board', { params: { query: { zone } }, signal }));
  },
});

export const drain = (name: string) =>
  answerOf(api.POST('/api/workers/{name}/drain', { params: { path: { name } } }));
