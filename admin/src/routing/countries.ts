const LETTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
/** Codes that the browser can name and that are no countries with numbers of their own. */
const OTHERS = new Set([
  'EU',
  'EZ',
  'QO',
  'UN',
  'XA',
  'XB',
  'ZZ',
  'AN',
  'CS',
  'DD',
  'SU',
  'YU',
  'TP',
  'ZR',
  'BU',
  'FX',
]);

/** Countries by their ISO 3166 code, named and sorted in the reader's language. */
export function countries(language: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' });
  const found = LETTERS.flatMap((first) => LETTERS.map((second) => first + second))
    .filter((code) => !OTHERS.has(code))
    .flatMap((value) => {
      const name = names.of(value);
      return name ? [{ value, label: `${name} (${value})` }] : [];
    });
  return found.toSorted((one, other) => one.label.localeCompare(other.label, language));
}
