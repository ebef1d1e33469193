import { useLayoutEffect, useRef, useState } from 'react';

/** Within this many pixels of its end a box counts as being at its end. */
const NEAR_PX = 48;

export function isNearEnd(box: { scrollHeight: number; scrollTop: number; clientHeight: number }): boolean {
  return box.scrollHeight - box.scrollTop - box.clientHeight <= NEAR_PX;
}

/**
 * Keeps a scrolling box at its end while it grows, until the reader scrolls up; `away` says that they did. Who came for
 * one utterance (`marked`) begins there.
 */
export function useStickToEnd(length: number, marked?: string) {
  const box = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(marked !== undefined);

  const toEnd = () => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
    setAway(false);
  };

  useLayoutEffect(() => {
    if (!away && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [length, away]);

  useLayoutEffect(() => {
    const target = marked && box.current?.querySelector(`#segment-${CSS.escape(marked)}`);
    if (target) target.scrollIntoView({ block: 'center' });
  }, [marked]);

  const onScroll = () => {
    if (box.current) setAway(!isNearEnd(box.current));
  };

  return { box, away, toEnd, onScroll };
}
