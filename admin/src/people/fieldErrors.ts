import { ApiProblem } from '../api/problem';

/** What the server expects of each field it refused, for showing it at the field; empty for other errors. */
export function fieldErrors(error: Error | null): Partial<Record<string, string>> {
  if (!(error instanceof ApiProblem)) return {};
  return Object.fromEntries((error.problem.errors ?? []).map(({ field, expected }) => [field, expected]));
}

/** Whether an error is said at one of these fields, so that it need not be said again. */
export function isSaidAt(error: Error | null, fields: string[]): boolean {
  const said = Object.keys(fieldErrors(error));
  return said.length > 0 && said.every((field) => fields.includes(field));
}
