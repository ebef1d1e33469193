import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client';
import type { paths } from '../api/schema';
import type { Lesson, LessonState } from '../api/shapes';
import type { Search } from './search';

const PAGE = 50;

export type LessonBody =
  paths['/api/lessons/{lesson_id}']['put']['requestBody']['content']['application/json'];
export type Verb = 'approve' | 'reject' | 'reopen';

export const lessonsQuery = ({ state = 'draft', q, tag }: Search) =>
  infiniteQueryOptions({
    queryKey: ['lessons', 'list', state, q ?? '', tag ?? ''],
    queryFn: ({ pageParam, signal }) => {
      const query = {
        state,
        limit: PAGE,
        ...(q && { q }),
        ...(tag && { tag }),
        ...(pageParam && { cursor: pageParam }),
      };
      return answerOf(api.GET('/api/lessons', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
  });

export const lessonQuery = (id: string) =>
  queryOptions({
    queryKey: ['lessons', 'one', id],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/lessons/{lesson_id}', { params: { path: { lesson_id: id } }, signal })),
  });

export const tagsQuery = queryOptions({
  queryKey: ['lessons', 'tags'],
  queryFn: async ({ signal }) => (await answerOf(api.GET('/api/lessons/tags', { signal }))).items,
});

export const failedDraftsQuery = queryOptions({
  queryKey: ['lessons', 'failed'],
  queryFn: async ({ signal }) => (await answerOf(api.GET('/api/lessons/failed', { signal }))).items,
});

export const profileNamesQuery = queryOptions({
  queryKey: ['setup', 'profile-names'],
  queryFn: async ({ signal }) => {
    const query = { limit: 200 };
    const { items } = await answerOf(api.GET('/api/profiles', { params: { query }, signal }));
    return items.map(({ name }) => name);
  },
  staleTime: 60_000,
});

/** Those into which another may be merged, the most alike first where words are given. */
export const targetsQuery = (state: LessonState) =>
  queryOptions({
    queryKey: ['lessons', 'targets', state],
    queryFn: async ({ signal }) => {
      const query = { state, limit: 200 };
      return (await answerOf(api.GET('/api/lessons', { params: { query }, signal }))).items;
    },
  });

const at = (lesson: Pick<Lesson, 'id' | 'etag'>) => ({
  params: { path: { lesson_id: lesson.id }, header: { 'if-match': lesson.etag } },
});

export const save = (lesson: Pick<Lesson, 'id' | 'etag'>, body: LessonBody) =>
  answerOf(api.PUT('/api/lessons/{lesson_id}', { ...at(lesson), body }));

export const decide = (lesson: Pick<Lesson, 'id' | 'etag'>, verb: Verb) =>
  answerOf(api.POST(`/api/lessons/{lesson_id}/${verb}`, at(lesson)));

export const merge = (lesson: Pick<Lesson, 'id' | 'etag'>, into: string) =>
  answerOf(api.POST('/api/lessons/{lesson_id}/merge', { ...at(lesson), body: { into } }));

export const ask = (id: string, question: string, profile: string | null) =>
  answerOf(
    api.POST('/api/lessons/{lesson_id}/ask', {
      params: { path: { lesson_id: id } },
      body: { question, profile },
    }),
  );

/** Lessons are drafted once more from a call from which none could be. */
export const draftAgain = (callId: string) =>
  answerOf(api.POST('/api/lessons/failed/{call_id}/retry', { params: { path: { call_id: callId } } }));

/** What of a lesson is edited. */
export function bodyOf({ question, answer, applies_when, tags, expires_at }: Lesson): LessonBody {
  return { question, answer, applies_when, tags, expires_at: expires_at ?? null };
}
