import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../app/roots';

const invariants = createRoute({
  getParentRoute: () => signedIn,
  path: '/invariants',
  component: lazyRouteComponent(() => import('./InvariantsPage'), 'InvariantsPage'),
});

export const invariantRoutes = [invariants] as const;
