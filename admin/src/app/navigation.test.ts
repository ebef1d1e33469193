import { expect, test } from 'vitest';
import { SECTIONS, sectionsFor } from './navigation';

test('a place is shown to those who may use it, and a section without a place to nobody', () => {
  const shown = sectionsFor({ permissions: ['read_health'] }).flatMap(({ places }) => places);
  expect(shown.map(({ to }) => to)).toEqual(['/invariants']);
  expect(sectionsFor({ permissions: [] })).toEqual([]);
});

test('no place stands twice', () => {
  const all = SECTIONS.flatMap(({ places }) => places.map(({ to }) => to));
  expect(new Set(all).size).toBe(all.length);
});
