import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../app/roots';
import { type AuditFilter, filterOf } from './queries';

const audit = createRoute({
  getParentRoute: () => signedIn,
  path: '/audit',
  validateSearch: (search): AuditFilter => filterOf(search),
  component: lazyRouteComponent(() => import('./AuditPage'), 'AuditPage'),
});

export const auditRoutes = [audit] as const;
