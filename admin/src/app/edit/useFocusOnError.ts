import { useEffect, useRef } from 'react';

/** Leads to the first field that the server found wrong. */
export function useFocusOnError(problem: Error | null) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);
  return form;
}
