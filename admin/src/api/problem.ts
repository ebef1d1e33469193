export interface FieldProblem {
  field: string;
  expected: string;
}

export interface Problem {
  /** HTTP status; 0 when no answer came. */
  status: number;
  title: string;
  detail?: string;
  errors?: FieldProblem[];
}

/** An `application/problem+json` answer (RFC 9457), or the lack of any answer. */
export class ApiProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail ?? problem.title, options);
    this.name = 'ApiProblem';
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** Reads whatever an error answer carried; a body that is no problem document still gives a readable problem. */
export function problemFrom(body: unknown, status: number): ApiProblem {
  if (!isRecord(body)) return new ApiProblem({ status, title: `HTTP ${status}` });
  return new ApiProblem({
    status,
    title: typeof body.title === 'string' ? body.title : `HTTP ${status}`,
    ...(typeof body.detail === 'string' && body.detail !== '' ? { detail: body.detail } : {}),
    errors: fieldProblems(body.errors),
  });
}

function fieldProblems(errors: unknown): FieldProblem[] {
  if (!Array.isArray(errors)) return [];
  return errors.filter(isRecord).map(({ field, expected }) => ({
    field: typeof field === 'string' ? field : '',
    expected: typeof expected === 'string' ? expected : '',
  }));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
