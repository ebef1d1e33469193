import { useQuery } from '@tanstack/react-query';
import { entriesQuery } from '../app/edit/collection';
import { queueCollection } from './queries';

/** The profiles that queues are served by: those that are known to work. */
export function useProfiles(): string[] {
  const queues = useQuery(entriesQuery(queueCollection));
  return [...new Set((queues.data ?? []).map(({ profile }) => profile))].sort();
}
