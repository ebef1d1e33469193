import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../app/roots';

const profiles = createRoute({
  getParentRoute: () => signedIn,
  path: '/profiles',
  component: lazyRouteComponent(() => import('./ProfilesPage'), 'ProfilesPage'),
});

const profile = createRoute({
  getParentRoute: () => signedIn,
  path: '/profiles/$name',
  component: lazyRouteComponent(() => import('./ProfilePage'), 'ProfilePage'),
});

const newProfile = createRoute({
  getParentRoute: () => signedIn,
  path: '/new-profile',
  component: lazyRouteComponent(() => import('./NewProfilePage'), 'NewProfilePage'),
});

export const profileRoutes = [profiles, profile, newProfile] as const;
