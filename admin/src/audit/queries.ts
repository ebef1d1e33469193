import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client';
import type { components } from '../api/schema';

export type Entry = components['schemas']['AuditedChange'];
export type Thing = Entry['thing'];

export const THINGS: Thing[] = [
  'user',
  'password',
  'session',
  'invitation',
  'api_key',
  'rule_set',
  'calendar',
  'caller_list',
  'caller',
  'queue',
  'number',
  'profile',
  'sound',
  'limit',
  'voicemail',
  'recording',
  'call',
  'call_back',
];

/** What the page's address says; days are of the reader's own time. */
export interface AuditFilter {
  who?: string;
  thing?: Thing;
  since?: string;
  until?: string;
}

const DAY = /^\d{4}-\d\d-\d\d$/;

export function filterOf(search: Record<string, unknown>): AuditFilter {
  const { who, thing, since, until } = search;
  return {
    ...(typeof who === 'string' && who !== '' && { who }),
    ...(THINGS.includes(thing as Thing) && { thing: thing as Thing }),
    ...(typeof since === 'string' && DAY.test(since) && { since }),
    ...(typeof until === 'string' && DAY.test(until) && { until }),
  };
}

/** From the first moment of one day up to the last of another, as instants. */
export function periodOf({ since, until }: AuditFilter): { since?: string; until?: string } {
  const day = (text: string, more: number) => {
    const date = new Date(`${text}T00:00:00`);
    date.setDate(date.getDate() + more);
    return date.toISOString();
  };
  return { ...(since && { since: day(since, 0) }), ...(until && { until: day(until, 1) }) };
}

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    initialPageParam: '',
    queryFn: ({ signal, pageParam }) => {
      const { who, thing } = filter;
      const asked = { ...(who && { who }), ...(thing && { thing }), ...periodOf(filter) };
      const query = { limit: 50, ...asked, ...(pageParam && { cursor: pageParam }) };
      return answerOf(api.GET('/api/audit', { signal, params: { query } }));
    },
    getNextPageParam: (last) => last.next_cursor,
  });

export const auditPeopleQuery = queryOptions({
  queryKey: ['audit', 'people'],
  queryFn: async ({ signal }) => (await answerOf(api.GET('/api/audit/people', { signal }))).items,
});
