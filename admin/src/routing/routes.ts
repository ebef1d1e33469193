import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../app/roots';

export const VIEWS = ['rules', 'numbers', 'replay', 'history'] as const;
export type View = (typeof VIEWS)[number];

function viewOf(value: unknown): View | undefined {
  return VIEWS.find((view) => view === value);
}

const routing = createRoute({
  getParentRoute: () => signedIn,
  path: '/routing',
  validateSearch: (search): { view?: View } => {
    const view = viewOf(search.view);
    return view && view !== 'rules' ? { view } : {};
  },
  component: lazyRouteComponent(() => import('./RoutingPage'), 'RoutingPage'),
});

export const routingRoutes = [routing] as const;
