import { Group, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDoor, IconDoorOff } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dayText } from '../words';
import classes from './CalendarFields.module.css';
import { type CalendarBody, previewQuery } from './holidays';

const TYPING_MS = 300;

/** Whether the calendar is open as it stands here, saved or not, and what the next days bring. */
export function CalendarPreview({ body }: { body: CalendarBody }) {
  const { t, i18n } = useTranslation();
  const [local, setLocal] = useState('');
  const [calendar] = useDebouncedValue(body, TYPING_MS);
  const at = local === '' ? null : new Date(local).toISOString();
  const preview = useQuery({ ...previewQuery(calendar, at), placeholderData: keepPreviousData });
  if (preview.isError || !preview.data)
    return (
      <Text size="sm" c="dimmed">
        {preview.isError ? t('calendars.previewFails') : t('loading')}
      </Text>
    );
  const { open, because, days } = preview.data;
  return (
    <div className={classes.preview}>
      <Group align="end" gap="sm">
        <TextInput
          type="datetime-local"
          label={t('calendars.at')}
          description={t('calendars.atHint')}
          value={local}
          onChange={({ currentTarget }) => {
            setLocal(currentTarget.value);
          }}
        />
      </Group>
      <div role="status" className={classes.verdict} data-open={open}>
        {open ? <IconDoor size={20} aria-hidden /> : <IconDoorOff size={20} aria-hidden />}
        <b>
          {t(
            open
              ? at
                ? 'calendars.isOpenThen'
                : 'calendars.isOpen'
              : at
                ? 'calendars.isClosedThen'
                : 'calendars.isClosed',
          )}
        </b>
        <span>{because}</span>
      </div>
      <ul className={classes.ahead} aria-label={t('calendars.ahead')}>
        {days.map((day) => (
          <li key={day.date} data-special={day.exception !== null || day.holiday !== null}>
            <b>{dayText(day.date, i18n.language)}</b>
            {day.open.length > 0 ? day.open.join(', ') : t('calendars.closed')}
            {(day.holiday ?? day.exception) && <div>{day.holiday ?? day.exception}</div>}
          </li>
        ))}
      </ul>
    </div>
  );
}
