import { Paper } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Board } from '../api/shapes';
import classes from './Tiles.module.css';
import { percentText, since, totalsOf } from './words';

/** The house at a glance. */
export function Tiles({ board, now }: { board: Board; now: number }) {
  const { t, i18n } = useTranslation();
  const totals = totalsOf(board);
  const level = totals.level === null ? t('none') : percentText(totals.level, i18n.language);
  return (
    <dl className={classes.tiles}>
      <Tile name={t('board.tile.calls')}>{board.calls_total}</Tile>
      <Tile name={t('board.tile.waiting')}>{totals.waiting}</Tile>
      <Tile name={t('board.tile.longest')}>{since(totals.waitingSince, now) ?? t('none')}</Tile>
      <Tile name={t('board.tile.freeSeats')} aside={t('board.tile.of', { count: totals.seats })}>
        {totals.free}
      </Tile>
      <Tile name={t('board.tile.level')}>{level}</Tile>
      <Tile name={t('board.tile.answered')} aside={t('board.queues.today')}>
        {totals.answered}
      </Tile>
      <Tile name={t('board.tile.abandoned')} aside={t('board.queues.today')}>
        {totals.abandoned}
      </Tile>
    </dl>
  );
}

function Tile({ name, aside, children }: { name: string; aside?: string; children: ReactNode }) {
  return (
    <Paper withBorder className={classes.tile}>
      <dt>{name}</dt>
      <dd>
        {children}
        {aside && <span className={classes.aside}>{aside}</span>}
      </dd>
    </Paper>
  );
}
