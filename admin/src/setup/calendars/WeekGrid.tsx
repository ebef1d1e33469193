import { Kbd } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type Painting, usePainting } from './usePainting';
import classes from './WeekGrid.module.css';
import { WeekRow } from './WeekRow';
import { DAY, REACH, WEEKDAYS } from './weekHours';

/** The week's opening hours, painted by mouse or by keyboard: a stroke over several days paints all of them. */
export function WeekGrid({ week, readOnly, onChange }: Painting) {
  const { t } = useTranslation();
  const { grid, cursor, area, opens, handlers } = usePainting({ week, readOnly, onChange });
  return (
    <div>
      <div className={classes.scroll}>
        <div
          ref={grid}
          role="grid"
          tabIndex={-1}
          aria-label={t('calendars.grid')}
          aria-readonly={readOnly}
          aria-multiselectable
          className={classes.grid}
          {...handlers}
        >
          <Scale />
          {WEEKDAYS.map((day, row) => (
            <WeekRow key={day} row={row} week={week} cursor={cursor} area={area} opens={opens} />
          ))}
        </div>
      </div>
      <Legend />
    </div>
  );
}

function Legend() {
  const { t } = useTranslation();
  return (
    <p className={classes.legend}>
      <span>{t('calendars.byMouse')}</span>
      <span>
        <Kbd size="xs">←</Kbd> <Kbd size="xs">→</Kbd> <Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd>{' '}
        {t('calendars.move')} · <Kbd size="xs">Shift</Kbd> {t('calendars.extend')} ·{' '}
        <Kbd size="xs">Space</Kbd> {t('calendars.toggle')}
      </span>
    </p>
  );
}

function Scale() {
  const { t } = useTranslation();
  const marks = Array.from({ length: REACH / 120 }, (_, place) => place * 120);
  return (
    <div className={classes.hours} aria-hidden>
      <span />
      <div className={classes.scale}>
        {marks.slice(1).map((minute) => (
          <span
            key={minute}
            className={minute === DAY ? classes.next : undefined}
            style={{ left: `${(minute / REACH) * 100}%` }}
          >
            {minute === DAY ? t('calendars.nextDay') : String((minute / 60) % 24).padStart(2, '0')}
          </span>
        ))}
      </div>
    </div>
  );
}
