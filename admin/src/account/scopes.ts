import type { User } from '../api/shapes';
import type { Role } from '../people/queries';
import type { Permission } from './queries';

const ORDER: Role[] = ['admin', 'supervisor', 'analyst', 'viewer'];

/** The roles a key may be given by somebody of this role: none that may more. Analysts may not all that supervisors
 * may, nor the other way round; the server has the last word. */
export function rolesBelow(role: Role): Role[] {
  if (role === 'supervisor') return ['supervisor', 'viewer'];
  return ORDER.slice(ORDER.indexOf(role));
}

/** What can be chosen for a key: its maker's own permissions in words' order, without what only sessions do. */
export function choosable(user: Pick<User, 'permissions'>): Permission[] {
  return user.permissions.filter((permission) => permission !== 'own_session');
}

/** What a key cannot have without seeing numbers: to change the set-up one has to see what one changes, and who joins
 * a call is told its room, whose name holds the number (callcenter/setup/keys/flow.py). */
const SEEING: Permission[] = ['edit_setup', 'supervise'];

/** Adds or takes away one, with what it needs or what needs it. */
export function toggled(scopes: Permission[], scope: Permission): Permission[] {
  if (scopes.includes(scope)) {
    const dropped = scope === 'see_numbers' ? [scope, ...SEEING] : [scope];
    return scopes.filter((one) => !dropped.includes(one));
  }
  const added: Permission[] = SEEING.includes(scope) ? [scope, 'see_numbers'] : [scope];
  return [...new Set([...scopes, ...added])];
}
