import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { FailedDraft } from '../api/shapes';
import { Refusal } from '../app/edit/Refusal';
import { useMay } from '../app/edit/useMay';
import { clockText } from '../calls/words';
import classes from './Lessons.module.css';
import { draftAgain, failedDraftsQuery } from './queries';

/** Calls from which no model drafted lessons; who reviews has it tried again. */
export function FailedDrafts() {
  const { t } = useTranslation();
  const { data: failed = [] } = useQuery(failedDraftsQuery);
  if (failed.length === 0) return null;
  return (
    <Alert
      color="orange"
      icon={<IconAlertTriangle />}
      title={t('lessons.failedTitle', { count: failed.length })}
    >
      <ul className={classes.failed}>
        {failed.map((one) => (
          <Failed key={one.call_id} failed={one} />
        ))}
      </ul>
    </Alert>
  );
}

function Failed({ failed }: { failed: FailedDraft }) {
  const { t, i18n } = useTranslation();
  const may = useMay('review_lessons');
  const queries = useQueryClient();
  const trying = useMutation({
    mutationFn: () => draftAgain(failed.call_id),
    onSettled: () => queries.invalidateQueries({ queryKey: ['lessons'] }),
  });
  const at = clockText(failed.failed_at, i18n.language, new Date());
  return (
    <li>
      <Group gap="sm" justify="space-between" wrap="nowrap">
        <Text size="sm">
          <Link to="/calls/$callId" params={{ callId: failed.call_id }}>
            {t('lessons.openCall')}
          </Link>{' '}
          {t('lessons.failedWhy', { at, count: failed.attempts, error: failed.error })}
        </Text>
        {may && (
          <Button
            size="xs"
            variant="default"
            loading={trying.isPending}
            onClick={() => {
              trying.mutate();
            }}
          >
            {t('lessons.draftAgain')}
          </Button>
        )}
      </Group>
      {trying.error && <Refusal error={trying.error} />}
    </li>
  );
}
