import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useField } from '../../app/edit/EditContext';
import { FieldGroup, FieldRow } from '../../app/edit/FieldGroup';
import { ChoiceField } from '../../app/edit/Fields';
import { useMay } from '../../app/edit/useMay';
import classes from './CalendarFields.module.css';
import { CalendarPreview } from './CalendarPreview';
import { ExceptionFields } from './ExceptionFields';
import { HolidayFields } from './HolidayFields';
import { type CalendarBody, ZONES } from './holidays';
import { SpansInput } from './SpansInput';
import { hoursIn, type Week, WEEKDAYS } from './weekHours';
import { WeekGrid } from './WeekGrid';

export const CLOSED: Week = { mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] };

export function CalendarFields({ body }: { body: CalendarBody }) {
  const { t, i18n } = useTranslation();
  const mayEdit = useMay('edit_setup');
  const { value, set, error } = useField('weekly');
  const week: Week = { ...CLOSED, ...(value as Partial<Week> | undefined) };
  const hours = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(hoursIn(week));
  return (
    <>
      <FieldRow>
        <ChoiceField path="zone" label={t('calendars.zone')} hint={t('calendars.zoneHint')} choices={ZONES} />
      </FieldRow>
      <FieldGroup title={t('calendars.weekly')} hint={t('calendars.hoursAWeek', { hours })}>
        <WeekGrid week={week} readOnly={!mayEdit} onChange={set} />
        {error && <Text className={classes.error}>{error}</Text>}
        <details className={classes.days}>
          <summary>{t('calendars.exact')}</summary>
          <div className={classes.exact}>
            {WEEKDAYS.map((day) => (
              <SpansInput
                key={day}
                label={t(`calendars.dayLong.${day}`)}
                placeholder={t('calendars.closed')}
                spans={week[day]}
                onChange={(spans) => {
                  set({ ...week, [day]: spans });
                }}
              />
            ))}
          </div>
        </details>
      </FieldGroup>
      <FieldGroup title={t('calendars.holidaysTitle')} hint={t('calendars.holidaysHint')}>
        <HolidayFields />
      </FieldGroup>
      <FieldGroup title={t('calendars.exceptions')} hint={t('calendars.exceptionsHint')}>
        <ExceptionFields />
      </FieldGroup>
      <FieldGroup title={t('calendars.preview')}>
        <CalendarPreview body={body} />
      </FieldGroup>
    </>
  );
}
