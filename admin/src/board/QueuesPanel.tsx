import { useTranslation } from 'react-i18next';
import type { BoardQueue } from '../api/shapes';
import { Panel } from '../calls/Panel';
import { durationText } from '../calls/words';
import { Empty } from './Empty';
import classes from './Table.module.css';
import { levelVerdict, percentText, since, waitVerdict } from './words';

const NUMBERS = ['waiting', 'longest', 'expected', 'level', 'answered', 'abandoned', 'asa'] as const;

export function QueuesPanel({ queues, now }: { queues: BoardQueue[]; now: number }) {
  const { t } = useTranslation();
  const hints = { level: t('board.queues.levelHint'), asa: t('board.queues.asaHint') };
  if (queues.length === 0) {
    return (
      <Panel title={t('board.queues.title')}>
        <Empty title={t('board.queues.empty')} text={t('board.queues.emptyText')} />
      </Panel>
    );
  }
  return (
    <Panel title={t('board.queues.title')}>
      <div className={classes.box}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('board.queues.name')}</th>
              {NUMBERS.map((column) => (
                <th
                  key={column}
                  scope="col"
                  className={classes.number}
                  title={column === 'level' || column === 'asa' ? hints[column] : undefined}
                >
                  {t(`board.queues.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {queues.map((queue) => (
              <QueueRow key={queue.name} queue={queue} now={now} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function QueueRow({ queue, now }: { queue: BoardQueue; now: number }) {
  const { t, i18n } = useTranslation();
  const none = t('none');
  const time = (seconds: number | null) => (seconds === null ? none : durationText(seconds * 1_000));
  const target = { percent: queue.target_percent, seconds: queue.target_seconds };
  return (
    <tr data-queue={queue.name}>
      <th scope="row">{queue.name}</th>
      <td className={classes.number}>{queue.waiting}</td>
      <td className={classes.number}>
        <span className={classes.verdict} data-verdict={waitVerdict(queue, now)}>
          {since(queue.waiting_since, now) ?? none}
        </span>
      </td>
      <td className={classes.number}>{time(queue.expected_wait_seconds)}</td>
      <td className={classes.number}>
        <span className={classes.small}>{t('board.queues.target', target)}</span>{' '}
        <span className={classes.verdict} data-verdict={levelVerdict(queue)}>
          {queue.level === null ? none : percentText(queue.level, i18n.language)}
        </span>
      </td>
      <td className={classes.number}>{queue.answered}</td>
      <td className={classes.number}>{queue.abandoned}</td>
      <td className={classes.number}>{time(queue.average_answer_seconds)}</td>
    </tr>
  );
}
