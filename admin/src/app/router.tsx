import type { QueryClient } from '@tanstack/react-query';
import { createRoute, createRouter } from '@tanstack/react-router';
import { accountRoutes } from '../account/routes';
import { auditRoutes } from '../audit/routes';
import { boardRoute, wallboardRoute } from '../board/routes';
import { callRoutes } from '../calls/routes';
import { deskRoutes } from '../desk/routes';
import { historyRoutes } from '../history/routes';
import { invariantRoutes } from '../invariants/routes';
import { lessonRoutes } from '../lessons/routes';
import { peopleRoutes, welcomeRoute } from '../people/routes';
import { profileRoutes } from '../profiles/routes';
import { routingRoutes } from '../routing/routes';
import { SignInPage } from '../session/SignInPage';
import { setupRoutes } from '../setup/routes';
import { NothingHere } from './NothingHere';
import { root, signedIn } from './roots';

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search): { next?: string } =>
    typeof search.next === 'string' ? { next: search.next } : {},
  component: SignInPage,
});

const routeTree = root.addChildren([
  signIn,
  welcomeRoute,
  wallboardRoute,
  signedIn.addChildren([
    boardRoute,
    ...callRoutes,
    ...deskRoutes,
    ...historyRoutes,
    ...lessonRoutes,
    ...routingRoutes,
    ...profileRoutes,
    ...setupRoutes,
    ...peopleRoutes,
    ...accountRoutes,
    ...auditRoutes,
    ...invariantRoutes,
  ]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    defaultNotFoundComponent: NothingHere,
    defaultPreload: 'intent',
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
