import { Text } from '@mantine/core';
import {
  type Icon,
  IconAlertOctagon,
  IconAlertTriangle,
  IconCircleCheck,
  IconInfoCircle,
  IconShieldCheck,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Board, BoardAlert } from '../api/shapes';
import { useCan } from './useCan';
import classes from './AlertList.module.css';
import { useAlertText } from './useAlertText';
import { since } from './words';

const ICONS: Record<BoardAlert['severity'], Icon> = {
  critical: IconAlertOctagon,
  warning: IconAlertTriangle,
  notice: IconInfoCircle,
};

interface AlertListProps {
  alerts: BoardAlert[];
  promises: Board['promises'];
  now: number;
}

/** What is wrong, the worst first, each with the one thing to do; a calm line when nothing is. */
export function AlertList({ alerts, promises, now }: AlertListProps) {
  const { t } = useTranslation();
  return (
    <section aria-label={t('board.alertsTitle')} className={classes.alerts}>
      {alerts.length === 0 ? (
        <div className={classes.alert} data-severity="calm" role="status">
          <IconCircleCheck size={20} aria-hidden />
          <Text size="sm" fw={600} component="span">
            {t('board.calm')}
          </Text>
          <Text size="sm" component="span">
            {t('board.calmText')}
          </Text>
        </div>
      ) : (
        <ul className={classes.list}>
          {alerts.map((alert) => (
            <AlertRow key={`${alert.kind} ${alert.about ?? ''}`} alert={alert} now={now} />
          ))}
        </ul>
      )}
      <Promises promises={promises} now={now} />
    </section>
  );
}

function AlertRow({ alert, now }: { alert: BoardAlert; now: number }) {
  const { t } = useTranslation();
  const text = useAlertText();
  const Sign = ICONS[alert.severity];
  return (
    <li className={classes.alert} data-severity={alert.severity} data-kind={alert.kind}>
      <Sign size={20} aria-label={t(`board.severity.${alert.severity}`)} />
      <div>
        <Text size="sm" fw={600}>
          {text(alert, now)}
        </Text>
        <Text size="sm">{t(`board.alert.${alert.kind}.do`)}</Text>
      </div>
    </li>
  );
}

function Promises({ promises, now }: { promises: Board['promises']; now: number }) {
  const { t } = useTranslation();
  const readsHealth = useCan('read_health');
  const { violations, checked_at } = promises;
  const age = since(checked_at, now);
  const verdict = violations
    ? t('board.promisesBroken', { count: violations })
    : t(age === null ? 'board.promisesUnchecked' : 'board.promisesKept');
  return (
    <p className={classes.promises} data-broken={violations > 0}>
      <IconShieldCheck size={16} aria-hidden />
      {readsHealth ? <Link to="/invariants">{verdict}</Link> : verdict}
      {age !== null && <span>{t('board.promisesAge', { age })}</span>}
    </p>
  );
}
