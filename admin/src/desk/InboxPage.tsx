import { Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../app/ProblemNotice';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { Panel } from '../calls/Panel';
import { EscalationDetail } from './EscalationDetail';
import { EscalationList } from './EscalationList';
import classes from './Inbox.module.css';
import { inOrder, openEscalationsQuery } from './queries';
import { RecentPanel } from './RecentPanel';
import { Refused } from './Refused';
import { RingHints } from './RingHints';
import { useAnswering } from './useAnswering';

/** Who waits for a human: what rings here, what rings elsewhere, and who is being helped. */
export function InboxPage() {
  const { t } = useTranslation();
  useDocumentTitle(t('desk.title'));
  const open = useQuery(openEscalationsQuery);
  const answering = useAnswering();
  const [chosen, setChosen] = useState<string | null>(null);
  const escalations = inOrder(open.data ?? []);
  const rings = escalations.find(({ offered_to_me }) => offered_to_me);
  const shown = escalations.find(({ id }) => id === chosen) ?? rings ?? escalations[0];
  return (
    <Stack gap="md">
      <header>
        <Title order={1} size="h3">
          {t('desk.title')}
        </Title>
        <Text size="sm" c="dimmed">
          {t('desk.lead')}
        </Text>
      </header>
      <RingHints />
      <div className={classes.columns}>
        <div className={classes.side}>
          <Panel
            title={t('desk.title')}
            aside={
              <Text size="xs" c="dimmed" component="span">
                {escalations.length}
              </Text>
            }
          >
            <Refused error={answering.refusal} onClose={answering.forget} />
            {open.isError && !open.data && (
              <ProblemNotice error={open.error} onRetry={() => void open.refetch()} />
            )}
            <EscalationList
              escalations={open.data ? escalations : null}
              shown={shown?.id ?? null}
              onChoose={setChosen}
              answering={answering}
            />
          </Panel>
          <RecentPanel />
        </div>
        {shown && <EscalationDetail key={shown.id} escalation={shown} />}
      </div>
    </Stack>
  );
}
