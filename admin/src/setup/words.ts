/** "2026-12-24" → "Thu, Dec 24, 2026": a day without a time, the same in every zone. */
export function dayText(date: string, language: string): string {
  const day = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(language, day).format(new Date(`${date}T00:00:00Z`));
}

/** "queues.support.music" and the like, made readable; rules are counted from 1 as the routing page does. */
export function placeText(place: string): string {
  return place
    .replace(/rules\.(\d+)/, (_, index: string) => `rule ${Number(index) + 1}`)
    .replaceAll('.', ' › ')
    .replaceAll('_', ' ');
}
