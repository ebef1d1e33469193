import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../app/roots';
import { readSearch } from './search';

const history = createRoute({
  getParentRoute: () => signedIn,
  path: '/history',
  validateSearch: readSearch,
  component: lazyRouteComponent(() => import('./HistoryPage'), 'HistoryPage'),
});

export const historyRoutes = [history] as const;
