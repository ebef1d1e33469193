import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  Outlet,
  redirect,
  useRouter,
} from '@tanstack/react-router';
import { CallPage } from '../calls/CallPage';
import { CallsPage } from '../calls/CallsPage';
import { InvariantsPage } from '../invariants/InvariantsPage';
import { sessionQuery } from '../session/session';
import { SignInPage } from '../session/SignInPage';
import { NothingHere } from './NothingHere';
import { ProblemNotice } from './ProblemNotice';
import { Shell } from './Shell';

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Outlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search): { next?: string } =>
    typeof search.next === 'string' ? { next: search.next } : {},
  component: SignInPage,
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const user = await context.queries.query({ ...sessionQuery, staleTime: 'static' });
    if (!user) throw redirect({ to: '/sign-in', search: { next: location.href } });
    return { user };
  },
  component: Shell,
  errorComponent: Failed,
});

const home = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/calls' });
  },
});

const calls = createRoute({
  getParentRoute: () => signedIn,
  path: '/calls',
  validateSearch: (search): { show?: 'live' } => (search.show === 'live' ? { show: 'live' } : {}),
  component: CallsPage,
});

const call = createRoute({
  getParentRoute: () => signedIn,
  path: '/calls/$callId',
  component: CallPage,
});

const invariants = createRoute({
  getParentRoute: () => signedIn,
  path: '/invariants',
  component: InvariantsPage,
});

function Failed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return <ProblemNotice error={error instanceof Error ? error : new Error(String(error))} onRetry={retry} />;
}

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([signIn, signedIn.addChildren([home, calls, call, invariants])]),
    context: { queries },
    defaultNotFoundComponent: NothingHere,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
