import { useTranslation } from 'react-i18next';
import classes from './WeekGrid.module.css';
import {
  type Area,
  type Cell,
  clock,
  DAY,
  isOpen,
  leftOver,
  rangeOf,
  REACH,
  rowsOf,
  type Span,
  spansOf,
  STEP,
  textOf,
  type Week,
  WEEKDAYS,
} from './weekHours';

interface Props {
  row: number;
  week: Week;
  cursor: Cell;
  area: Area | null;
  opens: boolean;
}

const MINUTES = Array.from({ length: REACH / STEP }, (_, place) => place * STEP);
const LONG_ENOUGH_FOR_TEXT = 180;

/** One day: a cell for each half hour up to six in the next morning, and the hours as bars above them. */
export function WeekRow({ row, week, cursor, area, opens }: Props) {
  const { t } = useTranslation();
  const day = WEEKDAYS[row] ?? 'mon';
  const range = area && rowsOf(area).includes(day) ? rangeOf(area) : null;
  return (
    <div role="row" className={classes.row}>
      <span role="rowheader" className={classes.day}>
        {t(`calendars.day.${day}`)}
      </span>
      <div role="presentation" className={classes.track}>
        {MINUTES.map((minute) => (
          <span
            key={minute}
            role="gridcell"
            tabIndex={cursor.row === row && cursor.minute === minute ? 0 : -1}
            aria-label={`${t(`calendars.dayLong.${day}`)} ${clock(minute)}${minute >= DAY ? ` ${t('calendars.nextDay')}` : ''}`}
            aria-selected={isOpen(week, { row, minute })}
            className={classes.cell}
            data-cell={`${row}-${minute}`}
            data-hour={minute % 120 === 0 && minute > 0}
            data-midnight={minute === DAY}
            data-after={minute >= DAY}
            data-area={
              range && range.start <= minute && minute < range.end ? (opens ? 'open' : 'close') : undefined
            }
          />
        ))}
        {leftOver(week, row).map((span) => (
          <Bar key={`left ${textOf(span)}`} span={span} left />
        ))}
        {spansOf(week[day]).map((span) => (
          <Bar key={textOf(span)} span={span} />
        ))}
      </div>
    </div>
  );
}

function Bar({ span, left = false }: { span: Span; left?: boolean }) {
  const end = Math.min(span.end, REACH);
  const place = { left: `${(span.start / REACH) * 100}%`, width: `${((end - span.start) / REACH) * 100}%` };
  return (
    <span aria-hidden className={classes.bar} data-left={left} style={place}>
      {!left && end - span.start >= LONG_ENOUGH_FOR_TEXT && textOf(span).replace('-', '–')}
    </span>
  );
}
