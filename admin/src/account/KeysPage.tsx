import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../app/ProblemNotice';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { Panel } from '../calls/Panel';
import { EmptyList, LoadingRows } from '../people/ListParts';
import { OneTimeSecret } from '../people/OneTimeSecret';
import { sessionQuery } from '../session/session';
import { KeyModal } from './KeyModal';
import { KeysTable } from './KeysTable';
import { keysQuery, type MadeKey } from './queries';

export function KeysPage() {
  const { t } = useTranslation();
  useDocumentTitle(t('keys.title'));
  const { data: user } = useQuery(sessionQuery);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<MadeKey | null>(null);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Title order={1} size="h3">
            {t('keys.title')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('keys.lead')}
          </Text>
        </div>
        <Button
          size="xs"
          flex="none"
          leftSection={<IconPlus size={16} />}
          onClick={() => {
            setMaking(true);
          }}
        >
          {t('keys.new')}
        </Button>
      </Group>
      <Panel title={t('keys.title')}>
        <Keys />
      </Panel>
      {making && user && (
        <KeyModal
          user={user}
          onClose={() => {
            setMaking(false);
          }}
          onMade={(key) => {
            setMaking(false);
            setMade(key);
          }}
        />
      )}
      {made && (
        <OneTimeSecret
          title={t('keys.made', { name: made.name })}
          text={t('keys.madeText')}
          secret={made.key}
          onDone={() => {
            setMade(null);
          }}
        />
      )}
    </Stack>
  );
}

function Keys() {
  const { t } = useTranslation();
  const keys = useInfiniteQuery(keysQuery);
  if (keys.error) return <ProblemNotice error={keys.error} onRetry={() => void keys.refetch()} />;
  if (!keys.data) return <LoadingRows />;
  const items = keys.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    const icon = <IconKey size={36} stroke={1.4} aria-hidden />;
    return <EmptyList icon={icon} title={t('keys.emptyTitle')} text={t('keys.emptyText')} />;
  }
  return (
    <>
      <KeysTable items={items} />
      {keys.hasNextPage && (
        <Group justify="center" p="sm">
          <Button variant="default" size="xs" onClick={() => void keys.fetchNextPage()}>
            {t('audit.more')}
          </Button>
        </Group>
      )}
    </>
  );
}
