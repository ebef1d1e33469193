import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { entrySearch } from '../app/edit/search';
import { signedIn } from '../app/roots';

const getParentRoute = () => signedIn;

const calendars = createRoute({
  getParentRoute,
  path: '/calendars',
  validateSearch: entrySearch,
  component: lazyRouteComponent(() => import('./calendars/CalendarsPage'), 'CalendarsPage'),
});

const queues = createRoute({
  getParentRoute,
  path: '/queues',
  validateSearch: entrySearch,
  component: lazyRouteComponent(() => import('./queues/QueuesPage'), 'QueuesPage'),
});

const limits = createRoute({
  getParentRoute,
  path: '/limits',
  validateSearch: entrySearch,
  component: lazyRouteComponent(() => import('./limits/LimitsPage'), 'LimitsPage'),
});

const callerLists = createRoute({
  getParentRoute,
  path: '/caller-lists',
  validateSearch: entrySearch,
  component: lazyRouteComponent(() => import('./callers/CallerListsPage'), 'CallerListsPage'),
});

const callers = createRoute({
  getParentRoute,
  path: '/callers',
  validateSearch: entrySearch,
  component: lazyRouteComponent(() => import('./callers/CallersPage'), 'CallersPage'),
});

const numbers = createRoute({
  getParentRoute,
  path: '/numbers',
  validateSearch: entrySearch,
  component: lazyRouteComponent(() => import('./numbers/NumbersPage'), 'NumbersPage'),
});

const trunks = createRoute({
  getParentRoute,
  path: '/trunks',
  component: lazyRouteComponent(() => import('./numbers/TrunksPage'), 'TrunksPage'),
});

const refused = createRoute({
  getParentRoute,
  path: '/refused',
  component: lazyRouteComponent(() => import('./numbers/RefusedPage'), 'RefusedPage'),
});

const skills = createRoute({
  getParentRoute,
  path: '/skills',
  component: lazyRouteComponent(() => import('./skills/SkillsPage'), 'SkillsPage'),
});

const sounds = createRoute({
  getParentRoute,
  path: '/sounds',
  component: lazyRouteComponent(() => import('./sounds/SoundsPage'), 'SoundsPage'),
});

const voicemails = createRoute({
  getParentRoute,
  path: '/voicemails',
  validateSearch: (search): { show?: 'new' } => (search.show === 'new' ? { show: 'new' } : {}),
  component: lazyRouteComponent(() => import('./messages/VoicemailsPage'), 'VoicemailsPage'),
});

const callBacks = createRoute({
  getParentRoute,
  path: '/call-backs',
  validateSearch: (search): { show?: 'all' } => (search.show === 'all' ? { show: 'all' } : {}),
  component: lazyRouteComponent(() => import('./messages/CallBacksPage'), 'CallBacksPage'),
});

export const setupRoutes = [
  calendars,
  queues,
  limits,
  callerLists,
  callers,
  numbers,
  trunks,
  refused,
  skills,
  sounds,
  voicemails,
  callBacks,
] as const;
