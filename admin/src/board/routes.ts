import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root, signedIn, signedInOnly } from '../app/roots';

export const boardRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  component: lazyRouteComponent(() => import('./BoardPage'), 'BoardPage'),
});

/** Without the shell: nothing on it is to be clicked. */
export const wallboardRoute = createRoute({
  getParentRoute: () => root,
  path: '/wallboard',
  validateSearch: (search): { colours?: 'light' } => (search.colours === 'light' ? { colours: 'light' } : {}),
  beforeLoad: ({ context, location }) => signedInOnly(context.queries, location.href),
  component: lazyRouteComponent(() => import('./Wallboard'), 'Wallboard'),
});
