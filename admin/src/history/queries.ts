import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client';
import { queryOf, type Search } from './search';

const PAGE = 25;

export const historyQuery = (search: Search) =>
  infiniteQueryOptions({
    queryKey: ['history', search],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...queryOf(search), limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      return answerOf(api.GET('/api/history', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
  });

/** The names of all queues, to choose from. */
export const queueNamesQuery = queryOptions({
  queryKey: ['queue-names'],
  queryFn: async ({ signal }) => {
    const { items } = await answerOf(api.GET('/api/queues', { params: { query: { limit: 200 } }, signal }));
    return items.map(({ name }) => name);
  },
  staleTime: 60_000,
});
