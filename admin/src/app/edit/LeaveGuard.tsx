import { Button, Group, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../Dialog';

/** Asks before a draft is left that was not saved. */
export function LeaveGuard({ dirty }: { dirty: boolean }) {
  const { t } = useTranslation();
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: () => dirty,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  const stay = () => {
    reset?.();
  };
  return (
    <Dialog opened={status === 'blocked'} onClose={stay} title={t('edit.leaveTitle')} centered>
      <Text size="sm">{t('edit.leaveText')}</Text>
      <Group mt="md" justify="flex-end">
        <Button variant="default" onClick={stay} data-autofocus>
          {t('edit.stay')}
        </Button>
        <Button
          color="red"
          onClick={() => {
            proceed?.();
          }}
        >
          {t('edit.leave')}
        </Button>
      </Group>
    </Dialog>
  );
}
