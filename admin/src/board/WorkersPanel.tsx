import { useTranslation } from 'react-i18next';
import type { BoardWorker } from '../api/shapes';
import { Panel } from '../calls/Panel';
import { useCan } from './useCan';
import { DrainButton } from './DrainButton';
import { Empty } from './Empty';
import classes from './Table.module.css';
import { since } from './words';

const COLUMNS = ['name', 'kind', 'state', 'seats', 'version', 'beat'] as const;
const MOST_DRAWN = 12;

export function WorkersPanel({ workers, now }: { workers: BoardWorker[]; now: number }) {
  const { t } = useTranslation();
  const mayDrain = useCan('drain_workers');
  return (
    <Panel title={t('board.workers.title')}>
      {workers.length === 0 ? (
        <Empty title={t('board.workers.empty')} text={t('board.workers.emptyText')} />
      ) : (
        <div className={classes.box}>
          <table className={classes.table}>
            <thead>
              <tr>
                {[...COLUMNS, ...(mayDrain ? (['action'] as const) : [])].map((column) => (
                  <th key={column} scope="col">
                    {t(`board.workers.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {workers.map((worker) => (
                <WorkerRow key={worker.name} worker={worker} now={now} mayDrain={mayDrain} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

interface WorkerRowProps {
  worker: BoardWorker;
  now: number;
  mayDrain: boolean;
}

const VERDICTS = { up: 'good', draining: 'near', lost: 'bad', gone: 'none' } as const;

function WorkerRow({ worker, now, mayDrain }: WorkerRowProps) {
  const { t } = useTranslation();
  const left = worker.drain_until && since(new Date(now).toISOString(), Date.parse(worker.drain_until));
  return (
    <tr data-worker={worker.name}>
      <th scope="row">{worker.name}</th>
      <td>{t(`board.workers.${worker.kind}`)}</td>
      <td>
        <span className={classes.verdict} data-verdict={VERDICTS[worker.state]}>
          {t(`board.workers.${worker.state}`)}
        </span>
        {left && worker.state === 'draining' && (
          <div className={classes.small}>{t('board.workers.until', { age: left })}</div>
        )}
      </td>
      <td>
        <Seats worker={worker} />
      </td>
      <td>
        {worker.version || t('none')}
        {worker.deployment && <div className={classes.small}>{worker.deployment}</div>}
      </td>
      <td>{t('board.workers.ago', { age: since(worker.last_beat_at, now) })}</td>
      {mayDrain && <td>{worker.state === 'up' && <DrainButton worker={worker} />}</td>}
    </tr>
  );
}

function Seats({ worker: { seats, busy } }: { worker: BoardWorker }) {
  const { t } = useTranslation();
  return (
    <>
      {seats <= MOST_DRAWN && (
        <span className={classes.seats} aria-hidden>
          {Array.from({ length: seats }, (_, place) => (
            <span key={place} className={classes.seat} data-busy={place < busy} />
          ))}
        </span>
      )}
      {t('board.workers.busyOf', { busy, seats })}
    </>
  );
}
