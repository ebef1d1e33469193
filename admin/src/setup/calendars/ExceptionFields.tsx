import { ActionIcon, Button, TextInput } from '@mantine/core';
import { type Icon, IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useField } from '../../app/edit/EditContext';
import classes from './CalendarFields.module.css';
import { SpansInput } from './SpansInput';

interface SpecialDays {
  date?: string | null;
  from?: string | null;
  to?: string | null;
  open?: string[];
  name?: string;
}

/** One-off days, or days in a row, with hours of their own. The first that names a day decides it. */
export function ExceptionFields() {
  const { t } = useTranslation();
  const { value, set, error } = useField('exceptions');
  const days = Array.isArray(value) ? (value as SpecialDays[]) : [];
  const swap = (place: number, other: number) => {
    const [one, two] = [days[place], days[other]];
    if (one && two) set(days.map((day, at) => (at === place ? two : at === other ? one : day)));
  };
  return (
    <>
      {days.map((day, place) => (
        <ExceptionRow
          key={place}
          day={day}
          number={place + 1}
          onChange={(next) => {
            set(days.map((one, at) => (at === place ? next : one)));
          }}
        >
          <ActionIcon.Group>
            <Act
              label={t('calendars.earlier')}
              icon={IconArrowUp}
              off={place === 0}
              onAct={() => {
                swap(place, place - 1);
              }}
            />
            <Act
              label={t('calendars.later')}
              icon={IconArrowDown}
              off={place === days.length - 1}
              onAct={() => {
                swap(place, place + 1);
              }}
            />
            <Act
              label={t('calendars.removeException')}
              icon={IconTrash}
              onAct={() => {
                set(days.filter((_, at) => at !== place));
              }}
            />
          </ActionIcon.Group>
        </ExceptionRow>
      ))}
      {error && (
        <p className={classes.error}>
          {t('problem.expected', { field: t('calendars.exceptions'), expected: error })}
        </p>
      )}
      <Add
        onAdd={() => {
          set([...days, { date: new Date().toISOString().slice(0, 10), open: [], name: '' }]);
        }}
      />
    </>
  );
}

interface ActProps {
  label: string;
  icon: Icon;
  off?: boolean;
  onAct: () => void;
}

function Act({ label, icon: Sign, off = false, onAct }: ActProps) {
  return (
    <ActionIcon variant="default" size="lg" disabled={off} aria-label={label} onClick={onAct}>
      <Sign size={15} />
    </ActionIcon>
  );
}

interface RowProps {
  day: SpecialDays;
  number: number;
  onChange: (next: SpecialDays) => void;
  children: ReactNode;
}

function ExceptionRow({ day, number, onChange, children }: RowProps) {
  const { t } = useTranslation();
  const first = day.date ?? day.from ?? '';
  return (
    <div role="group" aria-label={t('calendars.exception', { number })} className={classes.exception}>
      <TextInput
        type="date"
        label={t('calendars.from')}
        value={first}
        onChange={({ currentTarget }) => {
          onChange(dated(day, currentTarget.value, day.to ?? ''));
        }}
      />
      <TextInput
        type="date"
        label={t('calendars.to')}
        value={day.to ?? ''}
        onChange={({ currentTarget }) => {
          onChange(dated(day, first, currentTarget.value));
        }}
      />
      <SpansInput
        label={t('calendars.open')}
        placeholder={t('calendars.closedAllDay')}
        spans={day.open ?? []}
        onChange={(open) => {
          onChange({ ...day, open });
        }}
      />
      <TextInput
        label={t('calendars.reason')}
        value={day.name ?? ''}
        onChange={({ currentTarget }) => {
          onChange({ ...day, name: currentTarget.value });
        }}
      />
      {children}
    </div>
  );
}

/** The API wants either `date` or both `from` and `to`. */
function dated({ open, name }: SpecialDays, from: string, to: string): SpecialDays {
  const rest = { open: open ?? [], name: name ?? '' };
  return to === '' || to === from ? { date: from, ...rest } : { from, to, ...rest };
}

function Add({ onAdd }: { onAdd: () => void }) {
  const { t } = useTranslation();
  return (
    <div>
      <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={onAdd}>
        {t('calendars.addException')}
      </Button>
    </div>
  );
}
