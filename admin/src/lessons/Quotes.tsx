import { Paper, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Quote } from '../api/shapes';
import { clockText } from '../calls/words';
import classes from './Lessons.module.css';

/** The utterances a lesson comes from, call by call. */
export function Quotes({ quotes }: { quotes: Quote[] }) {
  const { t } = useTranslation();
  const byCall = new Map<string, Quote[]>();
  for (const quote of quotes) {
    const call = quote.call_id ?? '';
    byCall.set(call, [...(byCall.get(call) ?? []), quote]);
  }
  return (
    <Paper component="section" withBorder className={classes.panel} aria-labelledby="lesson-quotes">
      <Title order={3} size="h5" id="lesson-quotes">
        {t('lessons.quotes')}
      </Title>
      <Text size="xs" c="dimmed">
        {t(quotes.length > 0 ? 'lessons.quotesLead' : 'lessons.quotesNone')}
      </Text>
      {[...byCall].map(([callId, said]) => (
        <Call key={callId} callId={callId} said={said} />
      ))}
    </Paper>
  );
}

function Call({ callId, said }: { callId: string; said: Quote[] }) {
  const { t, i18n } = useTranslation();
  const [first] = said;
  return (
    <div className={classes.call}>
      <div className={classes.callHead}>
        {first && <time dateTime={first.said_at}>{clockText(first.said_at, i18n.language, new Date())}</time>}
        {callId ? (
          <Link
            to="/calls/$callId"
            params={{ callId }}
            search={first?.segment_id ? { segment: first.segment_id } : {}}
          >
            {t('lessons.openCall')}
          </Link>
        ) : (
          <span>{t('lessons.callGone')}</span>
        )}
      </div>
      {said.map((quote) => (
        <blockquote
          key={`${quote.said_at} ${quote.text}`}
          className={classes.quote}
          data-speaker={quote.speaker}
        >
          <span className={classes.speaker}>{t(`transcript.${quote.speaker}`)}</span>
          {quote.text}
        </blockquote>
      ))}
    </div>
  );
}
