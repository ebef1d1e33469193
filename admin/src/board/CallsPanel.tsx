import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { BoardCall } from '../api/shapes';
import { StateBadge } from '../calls/Badges';
import { Panel } from '../calls/Panel';
import { Empty } from './Empty';
import classes from './Table.module.css';
import { since } from './words';

const COLUMNS = ['state', 'caller', 'lead', 'queue', 'age', 'words'] as const;

interface CallsPanelProps {
  calls: BoardCall[];
  total: number;
  now: number;
}

/** Calls going on: who waits stands before who talks. */
export function CallsPanel({ calls, total, now }: CallsPanelProps) {
  const { t } = useTranslation();
  const shown = total > calls.length ? t('board.calls.shown', { shown: calls.length, total }) : total;
  return (
    <Panel title={t('board.calls.title')} aside={<span className={classes.small}>{shown}</span>}>
      {calls.length === 0 ? (
        <Empty title={t('board.calls.empty')} text={t('board.calls.emptyText')} />
      ) : (
        <div className={classes.box}>
          <table className={classes.table}>
            <thead>
              <tr>
                {COLUMNS.map((column) => (
                  <th key={column} scope="col" className={column === 'age' ? classes.number : undefined}>
                    {t(`board.calls.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {calls.map((call) => (
                <CallRow key={call.id} call={call} now={now} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function CallRow({ call, now }: { call: BoardCall; now: number }) {
  const { t } = useTranslation();
  const words = call.last_words;
  const other = call.direction === 'outbound' ? call.to : call.from;
  return (
    <tr data-call={call.id}>
      <td>
        <StateBadge state={call.state} />
      </td>
      <td>
        <Link to="/calls/$callId" params={{ callId: call.id }}>
          {other || t('call.unknownCaller')}
        </Link>
      </td>
      <td>
        {t(`lead.${call.lead}`)}
        {call.lead === 'agent' && call.profile && <div className={classes.small}>{call.profile}</div>}
        {call.worker && <div className={classes.small}>{call.worker}</div>}
      </td>
      <td>{call.queue ?? t('none')}</td>
      <td className={classes.number}>{since(call.arrived_at, now)}</td>
      <td className={classes.words}>
        {words ? (
          <span className={classes.clamp}>
            <span className={classes.dim}>{t(`transcript.${words.speaker}`)}: </span>
            {words.text}
          </span>
        ) : (
          <span className={classes.dim}>{t('board.calls.noWords')}</span>
        )}
      </td>
    </tr>
  );
}
