import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../app/roots';

const inbox = createRoute({
  getParentRoute: () => signedIn,
  path: '/escalations',
  component: lazyRouteComponent(() => import('./InboxPage'), 'InboxPage'),
});

export const deskRoutes = [inbox] as const;
