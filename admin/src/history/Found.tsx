import { IconArrowRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { FoundCall, Snippet } from '../api/shapes';
import { useNow } from '../app/now';
import { OutcomeBadge, StateBadge } from '../calls/Badges';
import { callDuration, clockText, durationText } from '../calls/words';
import classes from './HistoryPage.module.css';

/** One call that was found, with the places where it was said. */
export function Found({ found: { call, hits, snippets } }: { found: FoundCall }) {
  const { t, i18n } = useTranslation();
  const now = useNow(call.state !== 'ended');
  return (
    <li className={classes.item} data-call={call.id}>
      <div className={classes.head}>
        <Link to="/calls/$callId" params={{ callId: call.id }} className={classes.numbers}>
          {call.from || t('call.unknownCaller')}
          <IconArrowRight size={14} aria-hidden />
          {call.to}
        </Link>
        <time dateTime={call.arrived_at}>{clockText(call.arrived_at, i18n.language, new Date(now))}</time>
        <span>{callDuration(call, now)}</span>
        <span>{call.queue ?? ''}</span>
        {hits > 0 && <span>{t('history.hits', { count: hits })}</span>}
        <span className={classes.badge}>
          {call.outcome ? <OutcomeBadge outcome={call.outcome} /> : <StateBadge state={call.state} />}
        </span>
      </div>
      {snippets.length > 0 && (
        <ul className={classes.snippets}>
          {snippets.map((snippet) => (
            <Said key={snippet.segment_id} snippet={snippet} callId={call.id} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Said({ snippet, callId }: { snippet: Snippet; callId: string }) {
  const { t } = useTranslation();
  return (
    <li>
      <Link
        to="/calls/$callId"
        params={{ callId }}
        search={{ segment: snippet.segment_id }}
        className={classes.snippet}
        title={t('history.open')}
      >
        <span className={classes.who}>
          {durationText(snippet.start_ms)} · {t(`transcript.${snippet.speaker}`)}
        </span>
        <span lang={snippet.language ?? ''}>
          {snippet.pieces.map(({ text, hit }, place) => (hit ? <mark key={place}>{text}</mark> : text))}
        </span>
      </Link>
    </li>
  );
}
