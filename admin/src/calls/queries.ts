import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client';
import type { StreamEvent } from '../api/eventStream';
import type { ListedCall, Segment, TimelineEvent } from '../api/shapes';

/** A live call is read again after this pause even when no event came. */
export const LIVE_REFETCH_MS = 15_000;

const PAGE = 50;
const LARGEST_PAGE = 200;

interface Page<T> {
  items: T[];
  next: string | null | undefined;
}

/** All items of a list that comes in pages. */
async function allPages<T>(read: (cursor: string | null) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null | undefined = null;
  do {
    const page: Page<T> = await read(cursor);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}

function cursorOf(cursor: string | null): { cursor?: string } {
  return cursor ? { cursor } : {};
}

async function listCalls(state: 'live' | 'ended', limit: number, cursor: string | null, signal: AbortSignal) {
  const query = { state: [state], limit, ...cursorOf(cursor) };
  return answerOf(api.GET('/api/calls', { params: { query }, signal }));
}

export const liveCallsQuery = queryOptions({
  queryKey: ['calls', 'live'],
  refetchInterval: LIVE_REFETCH_MS,
  queryFn: ({ signal }): Promise<ListedCall[]> =>
    allPages(async (cursor) => {
      const page = await listCalls('live', LARGEST_PAGE, cursor, signal);
      return { items: page.items, next: page.next_cursor };
    }),
});

export const endedCallsQuery = infiniteQueryOptions({
  queryKey: ['calls', 'ended'],
  queryFn: ({ pageParam, signal }) => listCalls('ended', PAGE, pageParam, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
});

export const callQuery = (id: string) =>
  queryOptions({
    queryKey: ['call', id, 'facts'],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/calls/{call_id}', { params: { path: { call_id: id } }, signal })),
  });

const EARLIER_PAGE = 5;

/** The calls of whoever is at the other end of this one, before it. */
export const earlierQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['call', id, 'earlier'],
    queryFn: ({ pageParam, signal }) => {
      const params = { path: { call_id: id }, query: { limit: EARLIER_PAGE, ...cursorOf(pageParam) } };
      return answerOf(api.GET('/api/calls/{call_id}/earlier', { params, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 60_000,
  });

export const transcriptQuery = (id: string) =>
  queryOptions({
    queryKey: ['call', id, 'transcript'],
    queryFn: async ({ signal }) => {
      let complete = false;
      const segments = await allPages<Segment>(async (cursor) => {
        const params = { path: { call_id: id }, query: cursorOf(cursor) };
        const page = await answerOf(api.GET('/api/calls/{call_id}/transcript', { params, signal }));
        complete = page.complete;
        return { items: page.segments, next: page.next_cursor };
      });
      return { complete, segments };
    },
  });

export const timelineQuery = (id: string) =>
  queryOptions({
    queryKey: ['call', id, 'timeline'],
    queryFn: ({ signal }): Promise<TimelineEvent[]> =>
      allPages(async (cursor) => {
        const params = { path: { call_id: id }, query: cursorOf(cursor) };
        const page = await answerOf(api.GET('/api/calls/{call_id}/timeline', { params, signal }));
        return { items: page.events, next: page.next_cursor };
      }),
  });

/** Which reads an event makes stale: new words only the transcript, everything else the live list and the whole call. */
export function keysTouchedBy({ type, call_id }: StreamEvent): readonly (readonly string[])[] {
  if (type === 'segment_stored') return [['call', call_id, 'transcript']];
  if (type === 'lessons_drafted') return [['lessons'], ['call', call_id]];
  const ended = type === 'call_ended' ? [['calls', 'ended']] : [];
  return [['calls', 'live'], ...ended, ['call', call_id]];
}
