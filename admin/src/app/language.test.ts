import { expect, test } from 'vitest';
import de from '../locales/de';
import en from '../locales/en';
import { firstLanguage } from './language';

function keys(tree: object, path = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null ? keys(value, `${path}${key}.`) : [`${path}${key}`],
  );
}

test('German says everything that English says, and nothing else', () => {
  expect(keys(de).sort()).toEqual(keys(en).sort());
});

test('the stored choice wins over the browser, the browser over English', () => {
  expect(firstLanguage('en', ['de-DE'])).toBe('en');
  expect(firstLanguage(null, ['fr-FR', 'de-AT', 'en'])).toBe('de');
  expect(firstLanguage('xx', [])).toBe('en');
});
