import { expect, test } from 'vitest';
import { hoursIn, isOpen, leftOver, painted, spanOf, textOf, type Week, weekPainted } from './weekHours';

const CLOSED: Week = { mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] };

function area(row: number, minute: number, toRow: number, toMinute: number) {
  return { from: { row, minute }, to: { row: toRow, minute: toMinute } };
}

test('a span over midnight ends on the next day, and reads as it was written', () => {
  for (const text of ['08:00-18:00', '22:00-06:00', '00:00-24:00', '18:15-00:00'])
    expect(textOf(spanOf(text) ?? { start: 0, end: 0 })).toBe(text === '18:15-00:00' ? '18:15-24:00' : text);
  expect(spanOf('22:00-06:00')).toEqual({ start: 1320, end: 1800 });
  expect([spanOf('8-18'), spanOf('08:00-08:00'), spanOf('24:00-25:00')]).toEqual([null, null, null]);
});

test('painting joins what touches, and closing cuts a span in two', () => {
  const open = painted([{ start: 480, end: 720 }], { start: 720, end: 1080 }, true);
  expect(open).toEqual([{ start: 480, end: 1080 }]);
  expect(painted(open, { start: 720, end: 780 }, false).map(textOf)).toEqual(['08:00-12:00', '13:00-18:00']);
});

test('one stroke paints the same hours on several days, in whatever direction', () => {
  const week = weekPainted(CLOSED, area(4, 1050, 0, 480), true);
  expect(week.mon).toEqual(['08:00-18:00']);
  expect(week.fri).toEqual(['08:00-18:00']);
  expect(week.sat).toEqual([]);
  expect(hoursIn(week)).toBe(50);
});

test('a stroke over midnight is one span of the day it starts on', () => {
  const week = weekPainted(CLOSED, area(4, 1320, 4, 1770), true);
  expect(week.fri).toEqual(['22:00-06:00']);
  expect(leftOver(week, 5)).toEqual([{ start: 0, end: 360 }]);
  expect(isOpen(week, { row: 4, minute: 1500 })).toBe(true);
});

test('what is painted wholly after midnight belongs to the next day, also from Sunday to Monday', () => {
  expect(weekPainted(CLOSED, area(6, 1440, 6, 1500), true).mon).toEqual(['00:00-01:30']);
});

test('closing after midnight shortens the span that reaches there', () => {
  const week = { ...CLOSED, fri: ['22:00-06:00'] };
  expect(weekPainted(week, area(4, 1560, 4, 1770), false).fri).toEqual(['22:00-02:00']);
});

test('no day is open for longer than a day', () => {
  expect(weekPainted(CLOSED, area(0, 0, 0, 1770), true).mon).toEqual(['00:00-24:00']);
});
