import { Button, Group, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../app/Dialog';

/** Asks before somebody walks away from unsaved rules; they stay in this tab all the same. */
export function LeaveGuard({ unsaved }: { unsaved: boolean }) {
  const { t } = useTranslation();
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) =>
      unsaved && next.pathname !== current.pathname && next.pathname !== '/sign-in',
    enableBeforeUnload: () => unsaved,
    withResolver: true,
  });
  return (
    <Dialog
      opened={blocker.status === 'blocked'}
      onClose={() => blocker.reset?.()}
      title={t('routing.leaving')}
    >
      <Text size="sm">{t('routing.leavingText')}</Text>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={() => blocker.proceed?.()}>
          {t('routing.leave')}
        </Button>
        <Button data-autofocus onClick={() => blocker.reset?.()}>
          {t('routing.stay')}
        </Button>
      </Group>
    </Dialog>
  );
}
