import { useTranslation } from 'react-i18next';
import type { BoardQueue } from '../api/shapes';
import classes from './Wallboard.module.css';
import { levelVerdict, neediest, percentText, since, waitVerdict } from './words';

const MOST_ROWS = 5;

/** The queues that need most; there is no scrolling on a wall. */
export function WallQueues({ queues, now }: { queues: BoardQueue[]; now: number }) {
  const { t, i18n } = useTranslation();
  const rows = neediest(queues).slice(0, MOST_ROWS);
  const rest = queues.length - rows.length;
  return (
    <table className={classes.queues}>
      <thead>
        <tr>
          <th scope="col">{t('board.queues.name')}</th>
          <th scope="col">{t('board.queues.waiting')}</th>
          <th scope="col">{t('board.queues.longest')}</th>
          <th scope="col">{t('board.queues.level')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((queue) => (
          <tr key={queue.name} data-queue={queue.name}>
            <th scope="row">{queue.name}</th>
            <td>{queue.waiting}</td>
            <td data-verdict={waitVerdict(queue, now)}>{since(queue.waiting_since, now) ?? t('none')}</td>
            <td data-verdict={levelVerdict(queue)}>
              {queue.level === null ? t('none') : percentText(queue.level, i18n.language)}
            </td>
          </tr>
        ))}
      </tbody>
      {rest > 0 && (
        <tfoot>
          <tr>
            <td colSpan={4}>{t('board.more', { count: rest })}</td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}
