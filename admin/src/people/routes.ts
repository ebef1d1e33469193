import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root, signedIn } from '../app/roots';

const people = createRoute({
  getParentRoute: () => signedIn,
  path: '/people',
  component: lazyRouteComponent(() => import('./PeoplePage'), 'PeoplePage'),
});

/** Public: whoever holds a link sets name and password. */
export const welcomeRoute = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: lazyRouteComponent(() => import('./WelcomePage'), 'WelcomePage'),
});

export const peopleRoutes = [people] as const;
