import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client';
import type { Profile, ProfileBody } from '../api/shapes';

export type Part = 'stt' | 'llm' | 'tts';
export const PARTS: readonly Part[] = ['stt', 'llm', 'tts'];

const MOST = 200;

export const profilesQuery = queryOptions({
  queryKey: ['profiles'],
  queryFn: async ({ signal }): Promise<Profile[]> =>
    (await answerOf(api.GET('/api/profiles', { params: { query: { limit: MOST } }, signal }))).items,
});

export const profileQuery = (name: string) =>
  queryOptions({
    queryKey: ['profile', name, 'now'],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/profiles/{name}', { params: { path: { name } }, signal })),
  });

export const versionsQuery = (name: string) =>
  queryOptions({
    queryKey: ['profile', name, 'versions'],
    queryFn: async ({ signal }) => {
      const params = { path: { name }, query: { limit: MOST } };
      return (await answerOf(api.GET('/api/profiles/{name}/versions', { params, signal }))).items;
    },
  });

export const differencesQuery = (name: string, before: number, after: number) =>
  queryOptions({
    queryKey: ['profile', name, 'compare', before, after],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const params = { path: { name }, query: { before, after } };
      return (await answerOf(api.GET('/api/profiles/{name}/compare', { params, signal }))).items;
    },
  });

export const toolsQuery = queryOptions({
  queryKey: ['tools'],
  staleTime: Infinity,
  queryFn: async ({ signal }) => (await answerOf(api.GET('/api/tools', { signal }))).items,
});

/** Writes a profile: the edition that was read, or null for one that is new. */
export function save(name: string, body: ProfileBody, etag: string | null): Promise<Profile> {
  const edition = etag === null ? { 'if-none-match': '*' } : { 'if-match': etag };
  return answerOf(api.PUT('/api/profiles/{name}', { params: { path: { name }, header: edition }, body }));
}

export function remove(name: string, etag: string): Promise<undefined> {
  const params = { path: { name }, header: { 'if-match': etag } };
  return answerOf(api.DELETE('/api/profiles/{name}', { params }));
}

export function rollBack(name: string, etag: string, version: number): Promise<Profile> {
  const params = { path: { name }, header: { 'if-match': etag } };
  return answerOf(api.POST('/api/profiles/{name}/roll-back', { params, body: { version } }));
}

export function setKey(name: string, part: Part, key: string) {
  return answerOf(
    api.PUT('/api/profiles/{name}/keys/{part}', { params: { path: { name, part } }, body: { key } }),
  );
}

export function forgetKey(name: string, part: Part): Promise<undefined> {
  return answerOf(api.DELETE('/api/profiles/{name}/keys/{part}', { params: { path: { name, part } } }));
}
