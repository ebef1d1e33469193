import { Button, CopyButton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Call } from '../api/shapes';
import { Panel } from '../calls/Panel';
import classes from './Part.module.css';
import { notesQuery } from './queries';

/** What the agent writes down while it listens, and, while a human leads, what they could say. */
export function AssistPanel({ call }: { call: Call }) {
  const { t } = useTranslation();
  const { data } = useQuery({ ...notesQuery(call.id), retry: false });
  if (!data) return null;
  const fields = Object.entries(data.fields);
  const suggestions =
    call.state !== 'ended' && call.lead === 'supervisor' ? data.suggestions.toReversed() : [];
  if (fields.length + suggestions.length === 0 && !data.summary) return null;
  return (
    <Panel title={t('desk.assist.title')}>
      <div className={classes.why} aria-live="polite">
        {suggestions.length > 0 && (
          <section aria-label={t('desk.assist.suggestions')}>
            <Text size="xs" fw={600} c="dimmed">
              {t('desk.assist.suggestions')}
            </Text>
            <ul className={classes.suggestions}>
              {suggestions.map((suggestion) => (
                <li key={suggestion}>
                  <span>{suggestion}</span>
                  <CopyButton value={suggestion}>
                    {({ copied, copy }) => (
                      <Button size="compact-xs" variant="subtle" onClick={copy}>
                        {t(copied ? 'desk.assist.copied' : 'desk.assist.copy')}
                      </Button>
                    )}
                  </CopyButton>
                </li>
              ))}
            </ul>
          </section>
        )}
        {fields.length > 0 && (
          <dl className={classes.fields} aria-label={t('desk.assist.fields')}>
            {fields.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        )}
        {data.summary && (
          <div>
            <Text size="xs" fw={600} c="dimmed">
              {t('desk.assist.summary')}
            </Text>
            <Text size="sm">{data.summary}</Text>
          </div>
        )}
      </div>
    </Panel>
  );
}
