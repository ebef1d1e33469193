import { useTranslation } from 'react-i18next';
import type { ListedCall } from '../api/shapes';
import classes from './Badges.module.css';

export function StateBadge({ state }: { state: ListedCall['state'] }) {
  const { t } = useTranslation();
  return (
    <span className={classes.state} data-state={state}>
      {t(`state.${state}`)}
    </span>
  );
}

export function OutcomeBadge({ outcome }: { outcome: NonNullable<ListedCall['outcome']> }) {
  const { t } = useTranslation();
  return (
    <span className={classes.outcome} data-outcome={outcome}>
      {t(`outcome.${outcome}`)}
    </span>
  );
}

/** A call from the console's own page, which reports leave out. */
export function TestCallBadge() {
  const { t } = useTranslation();
  return <span className={classes.test}>{t('callPage.testCall')}</span>;
}
