import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client';
import { collectionAt } from '../app/edit/collection';

export const queueCollection = collectionAt('/api/queues');

export const soundsQuery = queryOptions({
  queryKey: ['setup', 'sounds'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/sounds', { signal })),
});

export const skillsQuery = queryOptions({
  queryKey: ['setup', 'skills'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/skills', { signal })),
});

export const trunksQuery = queryOptions({
  queryKey: ['setup', 'trunks'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/trunks', { signal })),
});

export const numberTrafficQuery = queryOptions({
  queryKey: ['setup', 'numbers', 'traffic'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/trunks/numbers', { signal })),
});
