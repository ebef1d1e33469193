import createClient from 'openapi-fetch';
import { ApiProblem, problemFrom } from './problem';
import type { paths } from './schema';

/** State-changing requests carry `X-CSRF`: the API asks for it wherever the session is a cookie. */
export const api = createClient<paths>({ baseUrl: '', headers: { 'X-CSRF': '1' } });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer's body; throws {@link ApiProblem} for an error answer or when nobody answers. */
export async function answerOf<T>(pending: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await pending;
  } catch (cause) {
    throw new ApiProblem({ status: 0, title: 'unreachable' }, { cause });
  }
  if (!answer.response.ok) throw problemFrom(answer.error, answer.response.status);
  return answer.data as T;
}
