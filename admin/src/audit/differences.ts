export interface Difference {
  /** "week.mon.0.from": where in the thing it is. */
  field: string;
  before: string | null;
  after: string | null;
}

type Data = Record<string, unknown> | null;

/** What is not the same before and after, leaf by leaf, in the order of the fields. */
export function differences(before: Data, after: Data): Difference[] {
  const [was, is] = [leaves(before), leaves(after)];
  const fields = [...new Set([...was.keys(), ...is.keys()])];
  return fields
    .map((field) => ({ field, before: was.get(field) ?? null, after: is.get(field) ?? null }))
    .filter((found) => found.before !== found.after);
}

function leaves(data: Data): Map<string, string> {
  const found = new Map<string, string>();
  if (data) walk(data, '', found);
  return found;
}

function walk(value: unknown, path: string, found: Map<string, string>): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) {
    if (value.length > 0) found.set(path, value.map(String).join(', '));
  } else if (typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) walk(inner, path ? `${path}.${key}` : key, found);
  } else {
    found.set(path, typeof value === 'string' ? value : JSON.stringify(value));
  }
}
