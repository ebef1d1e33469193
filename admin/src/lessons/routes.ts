import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../app/roots';
import { readSearch } from './search';

const lessons = createRoute({
  getParentRoute: () => signedIn,
  path: '/lessons',
  validateSearch: readSearch,
  component: lazyRouteComponent(() => import('./LessonsPage'), 'LessonsPage'),
});

export const lessonRoutes = [lessons] as const;
