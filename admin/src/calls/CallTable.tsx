import { useWindowEvent } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedCall } from '../api/shapes';
import { CONTENT } from '../app/content';
import { useNow } from '../app/now';
import { OutcomeBadge, StateBadge, TestCallBadge } from './Badges';
import classes from './CallTable.module.css';
import { callDuration, clockText } from './words';

interface CallGroup {
  heading: string;
  /** There are more than the ones given. */
  more: boolean;
  calls: ListedCall[];
}

const COLUMNS = ['state', 'from', 'to', 'queue', 'lead', 'started', 'duration', 'outcome'] as const;

/** Calls under headings; each row is one link, and the arrow keys (or j and k) move between the rows. */
export function CallTable({ groups }: { groups: CallGroup[] }) {
  const { t } = useTranslation();
  const table = useArrowKeys();
  return (
    <table className={classes.table} ref={table}>
      <thead>
        <tr>
          {COLUMNS.map((column) => (
            <th key={column} scope="col" data-column={column}>
              {t(`column.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      {groups
        .filter(({ calls }) => calls.length > 0)
        .map(({ heading, calls, more }) => (
          <tbody key={heading}>
            <tr className={classes.heading}>
              <th scope="rowgroup" colSpan={COLUMNS.length}>
                {heading} <span className={classes.count}>{more ? `${calls.length}+` : calls.length}</span>
              </th>
            </tr>
            {calls.map((call) => (
              <CallRow key={call.id} call={call} />
            ))}
          </tbody>
        ))}
    </table>
  );
}

function CallRow({ call }: { call: ListedCall }) {
  const { t, i18n } = useTranslation();
  const now = useNow(call.state !== 'ended');
  return (
    <tr className={classes.row} data-call={call.id}>
      <td>
        <StateBadge state={call.state} />
      </td>
      <td>
        <Link to="/calls/$callId" params={{ callId: call.id }} className={classes.link}>
          {call.from || t('call.unknownCaller')}
        </Link>
        {call.channel === 'browser' && <TestCallBadge />}
      </td>
      <td>{call.to}</td>
      <td data-column="queue">{call.queue ?? t('none')}</td>
      <td>{call.state === 'ended' ? t('none') : t(`lead.${call.lead}`)}</td>
      <td data-column="started">
        <time dateTime={call.arrived_at}>{clockText(call.arrived_at, i18n.language, new Date(now))}</time>
      </td>
      <td data-column="duration">{callDuration(call, now)}</td>
      <td>{call.outcome ? <OutcomeBadge outcome={call.outcome} /> : t('none')}</td>
    </tr>
  );
}

const STEPS: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

/** The arrow keys work from the page and from a row, and leave every other control its own keys. */
function useArrowKeys() {
  const table = useRef<HTMLTableElement>(null);
  useWindowEvent('keydown', (event) => {
    const step = STEPS[event.key];
    const focused = document.activeElement;
    const ours = focused === document.body || focused?.id === CONTENT || table.current?.contains(focused);
    if (step === undefined || !ours || event.ctrlKey || event.metaKey || event.altKey) return;
    const links = [...(table.current?.querySelectorAll('a') ?? [])];
    const target = links[links.findIndex((link) => link === focused) + step];
    if (!target) return;
    event.preventDefault();
    target.focus();
  });
  return table;
}
