import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../../api/client';
import type { BodyOf } from '../../app/edit/collection';

export type CalendarBody = BodyOf<'/api/calendars'>;

export const countriesQuery = queryOptions({
  queryKey: ['public-holidays'],
  staleTime: Infinity,
  queryFn: ({ signal }) => answerOf(api.GET('/api/public-holidays', { signal })),
});

export const holidaysQuery = (country: string, subdivision: string | null, year: number) =>
  queryOptions({
    queryKey: ['public-holidays', country, subdivision, year],
    staleTime: Infinity,
    enabled: country !== '',
    queryFn: ({ signal }) => {
      const query = { year, ...(subdivision ? { subdivision } : {}) };
      return answerOf(
        api.GET('/api/public-holidays/{country}', { params: { path: { country }, query }, signal }),
      );
    },
  });

/** How the server judges a calendar that need not be stored; asked again every half minute, for now moves on. */
export const previewQuery = (calendar: CalendarBody, at: string | null) =>
  queryOptions({
    queryKey: ['calendar-preview', calendar, at],
    refetchInterval: at === null ? 30_000 : false,
    retry: false,
    queryFn: ({ signal }) => answerOf(api.POST('/api/calendars/preview', { body: { calendar, at }, signal })),
  });

/** Countries by their names in the reader's language, in the order of the names. */
export function countryChoices(
  codes: readonly string[],
  language: string,
): { value: string; label: string }[] {
  const names = new Intl.DisplayNames([language], { type: 'region' });
  return codes
    .map((code) => ({ value: code, label: `${names.of(code) ?? code} (${code})` }))
    .sort((a, b) => a.label.localeCompare(b.label, language));
}

export const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
