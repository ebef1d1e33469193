/** Caller lists and known callers as lines of text (CSV): read with the error of each line, and written. */

export interface Listed {
  number?: string | null;
  prefix?: string | null;
  note: string;
}

export interface LineError {
  line: number;
  text: string;
  expected: string;
}

export interface ReadLines<T> {
  items: T[];
  errors: LineError[];
}

const NUMBER = /^\+[1-9]\d{6,14}$/;
const PREFIX = /^\+[1-9]\d{0,14}$/;
const SEPARATORS = /[\s().\-/]/g;

/** One line of CSV: fields by comma, semicolon or tab; quotes hold them together, two quotes are one (RFC 4180). */
export function cells(line: string): string[] {
  const found: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const sign = line.charAt(at);
    if (sign === '"' && quoted && line.charAt(at + 1) === '"') {
      field += '"';
      at += 1;
    } else if (sign === '"') quoted = !quoted;
    else if (!quoted && /[,;\t]/.test(sign)) {
      found.push(field);
      field = '';
    } else field += sign;
  }
  return [...found, field].map((cell) => cell.trim());
}

function quoted(cell: string): string {
  return /[",;\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function linesOf(text: string): { line: number; text: string }[] {
  return text
    .split(/\r?\n/)
    .map((one, place) => ({ line: place + 1, text: one.trim() }))
    .filter((one, place) => one.text !== '' && !(place === 0 && /^(number|nummer|prefix)\b/i.test(one.text)));
}

/** "+4930123456,note" is a caller, "+4930*" all whose numbers start so. `expected` says what a number is. */
export function readListed(text: string, expected: string, twice: string): ReadLines<Listed> {
  const items: Listed[] = [];
  const errors: LineError[] = [];
  const seen = new Set<string>();
  for (const one of linesOf(text)) {
    const [written = '', ...rest] = cells(one.text);
    const isPrefix = written.endsWith('*');
    const number = written.replace(/\*$/, '').replaceAll(SEPARATORS, '');
    if (!(isPrefix ? PREFIX : NUMBER).test(number)) errors.push({ ...one, expected });
    else if (seen.has(`${number}${isPrefix}`)) errors.push({ ...one, expected: twice });
    else {
      seen.add(`${number}${isPrefix}`);
      items.push({ ...(isPrefix ? { prefix: number } : { number }), note: rest.join(', ') });
    }
  }
  return { items, errors };
}

export function writeListed(items: readonly Listed[]): string {
  const lines = items.map(({ number, prefix, note }) =>
    [number ?? `${prefix ?? ''}*`, note].map(quoted).join(','),
  );
  return `${['number,note', ...lines].join('\n')}\n`;
}

export interface Known {
  number: string;
  name: string;
  attributes: Record<string, string>;
}

/** "+4930123456,Name,tier=gold,city=Berlin". */
export function readKnown(text: string, number: string, attribute: string, twice: string): ReadLines<Known> {
  const items: Known[] = [];
  const errors: LineError[] = [];
  for (const one of linesOf(text)) {
    const [written = '', name = '', ...rest] = cells(one.text);
    const found = written.replaceAll(SEPARATORS, '');
    const pairs = rest
      .filter((pair) => pair !== '')
      .map((pair) => [pair.split('=', 1)[0] ?? '', pair.replace(/^[^=]*=?/, '')]);
    if (!NUMBER.test(found)) errors.push({ ...one, expected: number });
    else if (rest.some((pair) => pair !== '' && !/^[^=]+=/.test(pair)))
      errors.push({ ...one, expected: attribute });
    else if (items.some((item) => item.number === found)) errors.push({ ...one, expected: twice });
    else items.push({ number: found, name, attributes: Object.fromEntries(pairs) as Record<string, string> });
  }
  return { items, errors };
}

export function writeKnown(items: readonly Known[]): string {
  const lines = items.map(({ number, name, attributes }) =>
    [number, name, ...Object.entries(attributes).map(([key, value]) => `${key}=${value}`)]
      .map(quoted)
      .join(','),
  );
  return `${['number,name,attributes', ...lines].join('\n')}\n`;
}
