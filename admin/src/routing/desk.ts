import { createContext, useContext } from 'react';
import { useTranslation } from 'react-i18next';
import type { Source } from './kinds';
import type { FieldError, Nameable } from './rules';

/** What every field of the editor needs to know. */
export interface Desk {
  errors: readonly FieldError[];
  names: Nameable | undefined;
  readOnly: boolean;
}

export const DeskContext = createContext<Desk>({ errors: [], names: undefined, readOnly: true });

export function useDesk(): Desk {
  return useContext(DeskContext);
}

/** What is wrong at this place of the rules; with `deep`, and within it. */
export function useErrorAt(path: string, deep = false): string | null {
  const { t } = useTranslation();
  const { errors } = useDesk();
  const here = errors.filter(({ field }) => field === path || (deep && field.startsWith(`${path}.`)));
  return here.length > 0 ? here.map(({ expected }) => t('routing.expected', { expected })).join(' · ') : null;
}

/** The names that a picker offers, together with those that are written already, known or not. */
export function useNames(source: Source | undefined, written: readonly string[] = []): string[] {
  const { names } = useDesk();
  const found = source && names ? names[source] : [];
  const known = Array.isArray(found) ? found : Object.keys(found ?? {});
  return [...new Set([...known, ...written])].filter((name) => name !== '');
}
