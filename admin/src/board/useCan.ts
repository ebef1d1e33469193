import { useQuery } from '@tanstack/react-query';
import type { User } from '../api/shapes';
import { sessionQuery } from '../session/session';

/** Whether who is signed in has this permission. */
export function useCan(permission: User['permissions'][number]): boolean {
  const { data: user } = useQuery(sessionQuery);
  return user?.permissions.includes(permission) ?? false;
}
