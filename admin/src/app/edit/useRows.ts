import { type RefObject, useEffect, useRef } from 'react';

/**
 * Keeps the focus where somebody works in a list (in `box`) whose rows are told apart by their place alone. Rows carry
 * `data-row`, the buttons in them `data-act` (RowActs), the button that adds one `data-act="add"`.
 */
export function useRows(box: RefObject<HTMLElement | null>) {
  const wanted = useRef<string[]>([]);
  useEffect(() => {
    const found = wanted.current
      .map((selector) => box.current?.querySelector<HTMLElement>(selector))
      .find((element) => element != null);
    wanted.current = [];
    found?.focus();
  });
  return {
    /** One was added, which has this place now. */
    added: (place: number) => {
      wanted.current = [`[data-row="${place}"] input`];
    },
    /** One has moved to this place; at an end only the way back is left. */
    moved: (place: number, by: -1 | 1) => {
      const [same, other] = by < 0 ? ['up', 'down'] : ['down', 'up'];
      const acts = `[data-row="${place}"] [data-act=`;
      wanted.current = [`${acts}"${same}"]:not(:disabled)`, `${acts}"${other}"]`];
    },
    /** One is gone that had this place: the next, the one before, or the way to add another. */
    removed: (place: number) => {
      const rows = [place, place - 1].map((at) => `[data-row="${at}"] input`);
      wanted.current = [...rows, '[data-act="add"]'];
    },
  };
}
