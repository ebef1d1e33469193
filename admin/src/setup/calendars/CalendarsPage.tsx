import { useTranslation } from 'react-i18next';
import { collectionAt } from '../../app/edit/collection';
import { EntryPage } from '../../app/edit/EntryPage';
import { CalendarFields, CLOSED } from './CalendarFields';
import { hoursIn } from './weekHours';

const collection = collectionAt('/api/calendars');
const empty = {
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  weekly: CLOSED,
  holidays: null,
  exceptions: [],
};

export function CalendarsPage() {
  const { t } = useTranslation();
  const fields: Record<string, string> = {
    zone: t('calendars.zone'),
    weekly: t('calendars.weekly'),
    holidays: t('calendars.holidaysTitle'),
    exceptions: t('calendars.exceptions'),
  };
  return (
    <EntryPage
      kind={{
        collection,
        empty,
        Fields: CalendarFields,
        words: {
          title: t('calendars.title'),
          lead: t('calendars.lead'),
          add: t('calendars.add'),
          key: t('edit.name'),
          keyHint: t('edit.nameHint'),
          emptyText: t('calendars.emptyText'),
          fieldName: (field) => fields[field] ?? field,
        },
        summary: ({ zone, weekly }) =>
          `${zone} · ${t('calendars.hoursAWeek', { hours: Math.round(hoursIn({ ...CLOSED, ...weekly })) })}`,
      }}
    />
  );
}
