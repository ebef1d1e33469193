import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client';
import type { components } from '../api/schema';

export type Person = components['schemas']['UserRead'];
export type Role = Person['role'];
export type Invitation = components['schemas']['InvitationRead'];
export type MadeInvitation = components['schemas']['InvitationMade'];
export type Session = components['schemas']['SessionRead'];

export const ROLES: Role[] = ['admin', 'supervisor', 'analyst', 'viewer'];

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** All pages of a list that people keep short. */
async function everyPage<T>(page: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const answer = await page(cursor);
    items.push(...answer.items);
    cursor = answer.next_cursor ?? undefined;
  } while (cursor);
  return items;
}

export const usersQuery = queryOptions({
  queryKey: ['users', 'all'],
  queryFn: ({ signal }): Promise<Person[]> =>
    everyPage((cursor) =>
      answerOf(
        api.GET('/api/users', { signal, params: { query: { limit: 200, ...(cursor && { cursor }) } } }),
      ),
    ),
});

export const invitationsQuery = infiniteQueryOptions({
  queryKey: ['invitations'],
  initialPageParam: '',
  queryFn: ({ signal, pageParam }): Promise<Page<Invitation>> =>
    answerOf(
      api.GET('/api/invitations', {
        signal,
        params: { query: { limit: 20, ...(pageParam && { cursor: pageParam }) } },
      }),
    ),
  getNextPageParam: (last) => last.next_cursor,
});

/** Of a user, or with null one's own. */
export const sessionsQuery = (userId: string | null) =>
  queryOptions({
    queryKey: ['sessions', userId ?? 'own'],
    queryFn: async ({ signal }): Promise<Session[]> => {
      const asked = userId
        ? api.GET('/api/users/{user_id}/sessions', { signal, params: { path: { user_id: userId } } })
        : api.GET('/api/sessions', { signal });
      return (await answerOf(asked)).items;
    },
  });

export interface UserWish {
  name?: string;
  role?: Role;
  disabled?: boolean;
}

export async function changeUser(user: Person, wish: UserWish): Promise<Person> {
  const params = { path: { user_id: user.id }, header: { 'if-match': user.etag } };
  return answerOf(api.PATCH('/api/users/{user_id}', { params, body: wish }));
}

export async function readUser(id: string): Promise<Person> {
  return answerOf(api.GET('/api/users/{user_id}', { params: { path: { user_id: id } } }));
}

/** Where the holder of a link goes: the token stands behind the #, which no server sees. */
export function linkOf(made: MadeInvitation): string {
  return `${window.location.origin}/welcome#${made.token}`;
}

export type Supervisor = components['schemas']['SupervisorRead'];

/** Who may supervise has skills; a queue names those it wants when it asks for a human. */
export const SUPERVISING: readonly Role[] = ['admin', 'supervisor'];

export const supervisorsQuery = queryOptions({
  queryKey: ['users', 'supervisors'],
  queryFn: async ({ signal }): Promise<Supervisor[]> =>
    (await answerOf(api.GET('/api/supervisors', { signal }))).items,
});

/** `etag`: of the skills that were read; null where nothing was known of them. */
export async function setSkills(userId: string, skills: string[], etag: string | null): Promise<void> {
  const params = { path: { user_id: userId }, ...(etag !== null && { header: { 'if-match': etag } }) };
  await answerOf(api.PUT('/api/users/{user_id}/skills', { params, body: { skills } }));
}
