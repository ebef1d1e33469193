import { useTranslation } from 'react-i18next';
import { useNow } from '../app/now';
import { durationText } from '../calls/words';
import classes from './Freshness.module.css';
import { OLD_MS } from './words';

/** How old the figures are; a screen reader hears it only once they are too old. */
export function Freshness({ readAt }: { readAt: number }) {
  const { t } = useTranslation();
  const old = Math.max(0, useNow(true) - readAt);
  const stale = old > OLD_MS;
  return (
    <span
      className={classes.age}
      data-stale={stale}
      role={stale ? 'alert' : undefined}
      data-testid="freshness"
    >
      {stale ? t('board.figuresOf', { age: durationText(old) }) : t('board.figuresNow')}
    </span>
  );
}
