import { createContext, useContext } from 'react';
import { valueAt } from './paths';
import { errorAt } from './problems';

export interface EditScope {
  draft: object;
  problem: Error | null;
  set: (path: string, value: unknown) => void;
}

export const EditContext = createContext<EditScope | null>(null);

/** The value at a path of what is being edited, how to change it, and what the server says is wrong with it. */
export function useField(path: string) {
  const scope = useContext(EditContext);
  if (!scope) throw new Error('a field stands outside of an editor');
  return {
    value: valueAt(scope.draft, path),
    error: errorAt(scope.problem, path),
    set: (value: unknown) => {
      scope.set(path, value);
    },
  };
}
