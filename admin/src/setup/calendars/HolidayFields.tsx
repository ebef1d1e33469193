import { List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useField } from '../../app/edit/EditContext';
import { FieldRow } from '../../app/edit/FieldGroup';
import { ChoiceField, PartSwitch } from '../../app/edit/Fields';
import { dayText } from '../words';
import classes from './CalendarFields.module.css';
import { countriesQuery, countryChoices, holidaysQuery } from './holidays';

interface PublicHolidays {
  country: string;
  subdivision?: string | null;
}

/** Closed on public holidays: of which country and part, and which days that are. */
export function HolidayFields() {
  const { t, i18n } = useTranslation();
  const { value } = useField('holidays');
  const holidays = value as PublicHolidays | null | undefined;
  const countries = useQuery(countriesQuery);
  const items = countries.data?.items ?? [];
  const parts = items.find(({ country }) => country === holidays?.country)?.subdivisions ?? [];
  return (
    <>
      <PartSwitch
        path="holidays"
        label={t('calendars.holidays')}
        initial={{ country: 'DE', subdivision: null }}
      />
      {holidays && (
        <>
          <FieldRow>
            <ChoiceField
              path="holidays.country"
              label={t('calendars.country')}
              choices={countryChoices(
                items.map(({ country }) => country),
                i18n.language,
              )}
            />
            <ChoiceField
              path="holidays.subdivision"
              label={t('calendars.subdivision')}
              hint={t('calendars.subdivisionHint')}
              choices={parts}
              clearable
            />
          </FieldRow>
          <Days holidays={holidays} />
        </>
      )}
    </>
  );
}

function Days({ holidays }: { holidays: PublicHolidays }) {
  const { t, i18n } = useTranslation();
  const year = new Date().getFullYear();
  const days = useQuery(holidaysQuery(holidays.country, holidays.subdivision ?? null, year));
  if (days.isError) return <Text size="sm">{days.error.message}</Text>;
  return (
    <details className={classes.days}>
      <summary>{t('calendars.holidaysOf', { year, count: days.data?.items.length ?? 0 })}</summary>
      <List size="sm" mt="xs" className={classes.columns}>
        {days.data?.items.map(({ date, name }) => (
          <List.Item key={date}>
            {dayText(date, i18n.language)} · {name}
          </List.Item>
        ))}
      </List>
    </details>
  );
}
