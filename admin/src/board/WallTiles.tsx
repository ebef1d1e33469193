import { useTranslation } from 'react-i18next';
import type { Board } from '../api/shapes';
import classes from './Wallboard.module.css';
import { percentText, since, totalsOf } from './words';

export function WallTiles({ board, now }: { board: Board; now: number }) {
  const { t, i18n } = useTranslation();
  const totals = totalsOf(board);
  const tiles = [
    { name: 'waiting', value: totals.waiting },
    { name: 'longest', value: since(totals.waitingSince, now) ?? t('none') },
    { name: 'calls', value: board.calls_total },
    { name: 'freeSeats', value: totals.free },
    { name: 'level', value: totals.level === null ? t('none') : percentText(totals.level, i18n.language) },
  ] as const;
  return (
    <dl className={classes.tiles}>
      {tiles.map(({ name, value }) => (
        <div key={name} className={classes.tile}>
          <dt>{t(`board.tile.${name}`)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
