import { useDebouncedCallback } from '@mantine/hooks';
import { type ChangeEvent, useState } from 'react';

const PAUSE_MS = 350;

/**
 * A text field whose text counts once the typing pauses. A value that changes from outside (somebody goes back) takes
 * the place of what was typed.
 */
export function useTyped(settled: string, settle: (typed: string) => void) {
  const [typed, setTyped] = useState(settled);
  const [known, setKnown] = useState(settled);
  const [told, setTold] = useState(settled);
  const settleSoon = useDebouncedCallback((text: string) => {
    setTold(text);
    settle(text);
  }, PAUSE_MS);
  if (settled !== known) {
    setKnown(settled);
    if (settled !== told.trim() && settled !== told) {
      setTyped(settled);
      setTold(settled);
    }
  }
  return {
    value: typed,
    onChange: ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
      setTyped(currentTarget.value);
      settleSoon(currentTarget.value);
    },
  };
}
