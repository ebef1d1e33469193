import { expect, test } from 'vitest';
import { cells, readKnown, readListed, writeKnown, writeListed } from './lines';

test('fields may be quoted, and are told apart by comma, semicolon or tab', () => {
  expect(cells('+4930123456,"Miller, ""Jo"""')).toEqual(['+4930123456', 'Miller, "Jo"']);
  expect(cells('a;b\tc')).toEqual(['a', 'b', 'c']);
});

test('every wrong line is named by its number, and the right ones are read', () => {
  const { items, errors } = readListed(
    'number,note\n+49 30 123456,Old friend\n030 5\n+4989*\n+4930123456',
    'E.164',
    'once',
  );
  expect(items).toEqual([
    { number: '+4930123456', note: 'Old friend' },
    { prefix: '+4989', note: '' },
  ]);
  expect(errors).toEqual([
    { line: 3, text: '030 5', expected: 'E.164' },
    { line: 5, text: '+4930123456', expected: 'once' },
  ]);
});

test('what is written is read again as it was', () => {
  const listed = [
    { number: '+4930123456', note: 'A, "B"' },
    { prefix: '+49', note: '' },
  ];
  expect(readListed(writeListed(listed), '', '').items).toEqual(listed);
  const known = [{ number: '+4930123456', name: 'Jo; Miller', attributes: { tier: 'gold', note: 'a=b' } }];
  expect(readKnown(writeKnown(known), '', '', '')).toEqual({ items: known, errors: [] });
});

test('an attribute needs a name and a value', () => {
  expect(readKnown('+4930123456,Jo,gold', 'E.164', 'name=value', '').errors).toEqual([
    { line: 1, text: '+4930123456,Jo,gold', expected: 'name=value' },
  ]);
});
