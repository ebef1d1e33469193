import { ApiProblem, type FieldProblem } from '../../api/problem';

function concerns({ field }: FieldProblem, path: string): boolean {
  const place = field.replace(/^body\./, '');
  return place === path || place.startsWith(`${path}.`);
}

function fieldsOf(problem: Error | null): FieldProblem[] {
  return problem instanceof ApiProblem ? (problem.problem.errors ?? []) : [];
}

/** What would be right in this field, if the server found it wrong; errors inside the field count. */
export function errorAt(problem: Error | null, path: string): string | undefined {
  return fieldsOf(problem).find((error) => concerns(error, path))?.expected;
}

/** What none of these fields shows. */
export function errorsElsewhere(problem: Error | null, shown: readonly string[]): FieldProblem[] {
  return fieldsOf(problem).filter((error) => !shown.some((path) => concerns(error, path)));
}
