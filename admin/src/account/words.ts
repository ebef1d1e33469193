import type { i18n as I18n, ParseKeys } from 'i18next';
import { plainType } from '../calls/words';

/** A permission in words; one that this console does not know yet is made readable. */
export function permissionText(permission: string, i18n: I18n): string {
  const key = `permission.${permission}` as ParseKeys;
  return i18n.exists(`permission.${permission}`) ? i18n.t(key) : plainType(permission);
}
