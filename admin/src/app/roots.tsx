import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  type ErrorComponentProps,
  Outlet,
  redirect,
  useRouter,
} from '@tanstack/react-router';
import type { User } from '../api/shapes';
import { sessionQuery } from '../session/session';
import { ProblemNotice } from './ProblemNotice';
import { Shell } from './Shell';

export const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Outlet });

/** The way in for a page that only somebody who is signed in may see. */
export async function signedInOnly(queries: QueryClient, href: string): Promise<{ user: User }> {
  const user = await queries.query({ ...sessionQuery, staleTime: 'static' });
  if (!user) throw redirect({ to: '/sign-in', search: { next: href } });
  return { user };
}

/** The parent of every page that stands within the shell. */
export const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: ({ context, location }) => signedInOnly(context.queries, location.href),
  component: Shell,
  errorComponent: Failed,
});

function Failed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return <ProblemNotice error={error instanceof Error ? error : new Error(String(error))} onRetry={retry} />;
}
