import { infiniteQueryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client';
import type { components } from '../api/schema';

export type Key = components['schemas']['KeyRead'];
export type MadeKey = components['schemas']['KeyMade'];
export type KeyWish = components['schemas']['KeyWish'];
export type Permission = NonNullable<Key['scopes']>[number];

export const keysQuery = infiniteQueryOptions({
  queryKey: ['keys'],
  initialPageParam: '',
  queryFn: ({ signal, pageParam }) =>
    answerOf(
      api.GET('/api/keys', {
        signal,
        params: { query: { limit: 50, ...(pageParam && { cursor: pageParam }) } },
      }),
    ),
  getNextPageParam: (last) => last.next_cursor,
});

export const makeKey = (wish: KeyWish): Promise<MadeKey> => answerOf(api.POST('/api/keys', { body: wish }));

export async function revokeKey(id: string): Promise<void> {
  await answerOf(api.DELETE('/api/keys/{key_id}', { params: { path: { key_id: id } } }));
}
