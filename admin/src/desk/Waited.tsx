import { useTranslation } from 'react-i18next';
import type { Escalation } from '../api/shapes';
import { useNow } from '../app/now';
import { durationText } from '../calls/words';
import classes from './Inbox.module.css';
import { isAsking } from './queries';

/** How long the caller has been waiting for a human: by the server's count, so that a wrong clock here changes little. */
export function Waited({ escalation }: { escalation: Escalation }) {
  const { t } = useTranslation();
  const asking = isAsking(escalation);
  const now = useNow(asking);
  const waited = asking
    ? Math.max(escalation.waited_ms, now - Date.parse(escalation.requested_at))
    : escalation.waited_ms;
  return (
    <span className={classes.waited} data-asking={asking || undefined}>
      {t('desk.waited', { time: durationText(waited) })}
    </span>
  );
}
