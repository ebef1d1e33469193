import type { TFunction } from 'i18next';
import { ApiProblem } from '../api/problem';

/** What went wrong in words for the reader: the server's own detail where it gave one. */
export function problemText(error: Error, t: TFunction): string {
  if (!(error instanceof ApiProblem)) return error.message;
  const { status, title, detail, errors } = error.problem;
  if (status === 0) return t('problem.unreachable');
  const fields = (errors ?? []).map((field) => t('problem.expected', { ...field }));
  return [detail ?? title, ...fields].join(' · ');
}
