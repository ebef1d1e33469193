import { useEffect, useRef } from 'react';

/** With Alt held down; a key alone would be pressed by accident, and by speech input. */
export const KEYS = {
  monitor: 'L',
  whisper: 'W',
  barge: 'B',
  take_over: 'T',
  hand_back: 'H',
  mute: 'M',
  hold: 'P',
  write: 'K',
  accept: 'A',
  decline: 'N',
} as const;

export type Deed = keyof typeof KEYS;

interface Pressed {
  key: string;
  code: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  repeat: boolean;
}

/** What this key means; with Alt, a Mac types another sign, so then the key's place counts. */
export function deedOf({ key, code, altKey, ctrlKey, metaKey, shiftKey, repeat }: Pressed): Deed | null {
  if (!altKey || ctrlKey || metaKey || shiftKey || repeat) return null;
  const letter = /^[a-z]$/i.test(key) ? key.toUpperCase() : code.replace(/^Key/, '');
  return (Object.keys(KEYS) as Deed[]).find((deed) => KEYS[deed] === letter) ?? null;
}

/** Does what the pressed shortcut means, while the component is shown. */
export function useShortcuts(deeds: Partial<Record<Deed, () => void>>): void {
  const latest = useRef(deeds);
  useEffect(() => {
    latest.current = deeds;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const deed = deedOf(event);
      const act = deed && latest.current[deed];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', pressed);
    return () => {
      window.removeEventListener('keydown', pressed);
    };
  }, []);
}
