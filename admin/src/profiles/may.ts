import { useQuery } from '@tanstack/react-query';
import type { Permission } from '../app/navigation';
import { sessionQuery } from '../session/session';

/** Whether who is signed in may do this; the server refuses it in any case. */
export function useMay(permission: Permission): boolean {
  return useQuery(sessionQuery).data?.permissions.includes(permission) ?? false;
}
