import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../app/roots';

const calls = createRoute({
  getParentRoute: () => signedIn,
  path: '/calls',
  validateSearch: (search): { show?: 'live' } => (search.show === 'live' ? { show: 'live' } : {}),
  component: lazyRouteComponent(() => import('./CallsPage'), 'CallsPage'),
});

const call = createRoute({
  getParentRoute: () => signedIn,
  path: '/calls/$callId',
  // Which utterance of the transcript somebody came for.
  validateSearch: (search): { segment?: string } =>
    typeof search.segment === 'string' ? { segment: search.segment } : {},
  component: lazyRouteComponent(() => import('./CallPage'), 'CallPage'),
});

export const callRoutes = [calls, call] as const;
