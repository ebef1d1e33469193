/** Reading and changing nested plain data by dotted paths such as "announce.texts.0"; nothing is changed in place. */

export function valueAt(data: unknown, path: string): unknown {
  let found: unknown = data;
  for (const part of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<string, unknown>)[part];
  }
  return found;
}

export function withValueAt<T>(data: T, path: string, value: unknown): T {
  const [first = '', ...rest] = path.split('.');
  const inner =
    typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[first] : undefined;
  const next = rest.length === 0 ? value : withValueAt(inner ?? {}, rest.join('.'), value);
  if (Array.isArray(data))
    return data.map((item: unknown, place) => (place === Number(first) ? next : item)) as T;
  return { ...data, [first]: next };
}

/** Whether two pieces of plain data say the same, whatever the order of their fields. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(sorted);
  if (typeof data !== 'object' || data === null) return data ?? null;
  const entries = Object.entries(data).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, sorted(value)]),
  );
}
