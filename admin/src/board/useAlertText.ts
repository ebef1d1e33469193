import type { ParseKeys } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { BoardAlert } from '../api/shapes';
import { since } from './words';

/** An alert's title in words. What it is about is a name, or a kind of model or seat that has words of its own. */
export function useAlertText(): (alert: BoardAlert, now: number) => string {
  const { t, i18n } = useTranslation();
  return (alert, now) => {
    const own = `board.about.${alert.about ?? ''}`;
    const about = i18n.exists(own) ? t(own as ParseKeys) : alert.about;
    const age = since(alert.since, now);
    return t(`board.alert.${alert.kind}.title`, { about, age, count: alert.count ?? 0 });
  };
}
