import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client';
import { ApiProblem } from '../api/problem';
import type { User } from '../api/shapes';

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<User | null> => {
    try {
      return (await answerOf(api.GET('/api/session', { signal }))).user;
    } catch (problem) {
      if (problem instanceof ApiProblem && problem.status === 401) return null;
      throw problem;
    }
  },
  staleTime: 60_000,
});

export async function signIn(credentials: { email: string; password: string }): Promise<User> {
  return (await answerOf(api.POST('/api/session', { body: credentials }))).user;
}

export async function signOut(): Promise<void> {
  await answerOf(api.DELETE('/api/session'));
}

/** Where to go after signing in: a path of this console and nothing else. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/';
}
