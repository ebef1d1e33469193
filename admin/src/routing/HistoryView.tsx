import { Button, Group, Paper, Skeleton, Table, Text } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../app/ProblemNotice';
import { clockText } from '../calls/words';
import { type VersionItem, versionsQuery } from './queries';
import classes from './Routing.module.css';
import type { Deeds } from './useEditor';
import { VersionModal } from './VersionModal';
import { Tag } from './Tag';

const TONES = { draft: 'warning', published: 'good', retired: 'plain' } as const;

/** Every version that there was, who made it and why, and the way back to it. */
export function HistoryView({ deeds, readOnly }: { deeds: Deeds; readOnly: boolean }) {
  const { t } = useTranslation();
  const versions = useQuery(versionsQuery);
  const [shown, setShown] = useState<number | null>(null);
  if (versions.isError)
    return <ProblemNotice error={versions.error} onRetry={() => void versions.refetch()} />;
  if (!versions.data) return <Skeleton height={200} />;
  const { items } = versions.data;
  if (items.length === 0)
    return (
      <Text c="dimmed" size="sm">
        {t('routing.history.empty')}
      </Text>
    );
  return (
    <Paper withBorder className={classes.scrolls}>
      <Table fz="sm" verticalSpacing="xs" aria-label={t('routing.view.history')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('routing.history.version')}</Table.Th>
            <Table.Th>{t('routing.note')}</Table.Th>
            <Table.Th>{t('routing.history.rules')}</Table.Th>
            <Table.Th>{t('routing.history.by')}</Table.Th>
            <Table.Th>
              <span className={classes.hidden}>{t('routing.more')}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((version) => (
            <Row
              key={version.version}
              version={version}
              onView={() => {
                setShown(version.version);
              }}
              onRollBack={
                readOnly || version.state !== 'retired'
                  ? null
                  : () => {
                      deeds.rollingBack.mutate(version.version);
                    }
              }
              busy={deeds.rollingBack.isPending}
            />
          ))}
        </Table.Tbody>
      </Table>
      {shown !== null && (
        <VersionModal
          version={shown}
          onClose={() => {
            setShown(null);
          }}
        />
      )}
    </Paper>
  );
}

interface RowProps {
  version: VersionItem;
  onView: () => void;
  onRollBack: (() => void) | null;
  busy: boolean;
}

function Row({ version: item, onView, onRollBack, busy }: RowProps) {
  const { t, i18n } = useTranslation();
  const { version, state } = item;
  const clock = (at: string) => clockText(at, i18n.language, new Date());
  const who = item.published_at
    ? t('routing.history.published', { who: item.published_by ?? '', at: clock(item.published_at) })
    : t('routing.history.changed', { who: item.changed_by, at: clock(item.changed_at) });
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <strong>{version}</strong>
          <Tag tone={TONES[state]}>{t(`routing.history.state.${state}`)}</Tag>
        </Group>
      </Table.Td>
      <Table.Td>{item.note || t('none')}</Table.Td>
      <Table.Td>{item.rules}</Table.Td>
      <Table.Td>{who}</Table.Td>
      <Table.Td>
        <Group gap="xs" justify="flex-end" wrap="nowrap">
          <Button
            size="compact-sm"
            variant="default"
            aria-label={t('routing.history.viewVersion', { version })}
            onClick={onView}
          >
            {t('routing.history.view')}
          </Button>
          {onRollBack && (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconArrowBackUp size={14} />}
              aria-label={t('routing.history.rollBackTo', { version })}
              loading={busy}
              onClick={onRollBack}
            >
              {t('routing.history.rollBack')}
            </Button>
          )}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
