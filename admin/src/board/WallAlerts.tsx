import { useTranslation } from 'react-i18next';
import type { BoardAlert } from '../api/shapes';
import { useAlertText } from './useAlertText';
import classes from './Wallboard.module.css';

const MOST_ALERTS = 3;

export function WallAlerts({ alerts, now }: { alerts: BoardAlert[]; now: number }) {
  const { t } = useTranslation();
  const text = useAlertText();
  const rest = alerts.length - MOST_ALERTS;
  if (alerts.length === 0) return <p className={classes.calm}>{t('board.calm')}</p>;
  return (
    <ul className={classes.alerts} aria-label={t('board.alertsTitle')}>
      {alerts.slice(0, MOST_ALERTS).map((alert) => (
        <li key={`${alert.kind} ${alert.about ?? ''}`} data-severity={alert.severity} data-kind={alert.kind}>
          {text(alert, now)}
        </li>
      ))}
      {rest > 0 && <li data-severity="notice">{t('board.more', { count: rest })}</li>}
    </ul>
  );
}
