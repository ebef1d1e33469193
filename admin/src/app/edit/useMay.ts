import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '../../session/session';
import type { Permission } from '../navigation';

/** Whether the reader's role has a permission; the server decides in any case. */
export function useMay(permission: Permission): boolean {
  const { data: user } = useQuery(sessionQuery);
  return user?.permissions.includes(permission) ?? false;
}
