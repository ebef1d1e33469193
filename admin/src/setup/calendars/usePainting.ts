import { type FocusEvent, type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { type Area, type Cell, isOpen, REACH, STEP, type Week, WEEKDAYS, weekPainted } from './weekHours';

export interface Painting {
  week: Week;
  readOnly: boolean;
  onChange: (week: Week) => void;
}

const LAST_ROW = WEEKDAYS.length - 1;

/** What is being painted: the area from where a stroke, or the held Shift key, began to the cursor. */
export function usePainting({ week, readOnly, onChange }: Painting) {
  const grid = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<Cell>({ row: 0, minute: 8 * 60 });
  const [anchor, setAnchor] = useState<Cell | null>(null);
  const [stroke, setStroke] = useState<{ from: Cell; open: boolean } | null>(null);
  const from = stroke?.from ?? anchor;
  const area: Area | null = from ? { from, to: cursor } : null;
  const opens = stroke ? stroke.open : anchor ? !isOpen(week, anchor) : true;

  const focus = (cell: Cell) => {
    setCursor(cell);
    grid.current?.querySelector<HTMLElement>(`[data-cell="${cell.row}-${cell.minute}"]`)?.focus();
  };
  const paint = (what: Area, open: boolean) => {
    setAnchor(null);
    setStroke(null);
    if (!readOnly) onChange(weekPainted(week, what, open));
  };

  const onKeyDown = (event: KeyboardEvent) => {
    pressed(event, { week, cursor, area, anchor, setAnchor, focus, paint });
  };
  const onPointerDown = (event: PointerEvent) => {
    const cell = cellUnder(event);
    if (!cell || readOnly || event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    setAnchor(null);
    focus(cell);
    setStroke({ from: cell, open: !isOpen(week, cell) });
  };
  const onPointerMove = (event: PointerEvent) => {
    const cell = stroke && cellUnder(event);
    if (cell && (cell.row !== cursor.row || cell.minute !== cursor.minute)) setCursor(cell);
  };
  const onPointerUp = () => {
    if (stroke) paint({ from: stroke.from, to: cursor }, stroke.open);
  };
  /** Whoever moves the focus by other means, as screen readers do, moves the cursor. */
  const onFocus = ({ target }: FocusEvent) => {
    const cell = cellOf(target);
    if (cell && !stroke) setCursor(cell);
  };
  const onPointerCancel = () => {
    setStroke(null);
  };
  return {
    grid,
    cursor,
    area,
    opens,
    handlers: { onFocus, onKeyDown, onPointerDown, onPointerMove, onPointerUp, onPointerCancel },
  };
}

interface Keys {
  week: Week;
  cursor: Cell;
  area: Area | null;
  anchor: Cell | null;
  setAnchor: (cell: Cell | null) => void;
  focus: (cell: Cell) => void;
  paint: (what: Area, open: boolean) => void;
}

/** Arrows move, with Shift they extend; Space opens or closes, Delete closes. */
function pressed(event: KeyboardEvent, { week, cursor, area, anchor, setAnchor, focus, paint }: Keys) {
  const step = STEPS[event.key];
  if (step) {
    event.preventDefault();
    if (event.shiftKey) setAnchor(anchor ?? cursor);
    else setAnchor(null);
    focus(moved(cursor, step(event.ctrlKey)));
  } else if (event.key === ' ' || event.key === 'Enter') {
    event.preventDefault();
    paint(area ?? { from: cursor, to: cursor }, !isOpen(week, anchor ?? cursor));
  } else if (event.key === 'Delete' || event.key === 'Backspace') {
    event.preventDefault();
    paint(area ?? { from: cursor, to: cursor }, false);
  } else if (event.key === 'Escape') setAnchor(null);
}

const STEPS: Record<string, (fast: boolean) => [rows: number, minutes: number]> = {
  ArrowLeft: (fast) => [0, fast ? -120 : -STEP],
  ArrowRight: (fast) => [0, fast ? 120 : STEP],
  ArrowUp: () => [-1, 0],
  ArrowDown: () => [1, 0],
  Home: () => [0, -REACH],
  End: () => [0, REACH],
};

function moved({ row, minute }: Cell, [rows, minutes]: [number, number]): Cell {
  return {
    row: Math.min(LAST_ROW, Math.max(0, row + rows)),
    minute: Math.min(REACH - STEP, Math.max(0, minute + minutes)),
  };
}

function cellOf(element: Element | null): Cell | null {
  const [row, minute] = (element?.closest<HTMLElement>('[data-cell]')?.dataset.cell ?? '')
    .split('-')
    .map(Number);
  return row === undefined || minute === undefined ? null : { row, minute };
}

/** The cell under the pointer, which may have been captured by another. */
function cellUnder({ clientX, clientY }: PointerEvent): Cell | null {
  return cellOf(document.elementFromPoint(clientX, clientY));
}
