import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { BoardWorker } from '../api/shapes';
import { problemText } from '../app/problemText';
import { BOARD_KEY, drain } from './queries';
import { Dialog } from '../app/Dialog';

/** Asks first: a worker that drains cannot be taken back. */
export function DrainButton({ worker: { name, busy } }: { worker: BoardWorker }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asking, { open, close }] = useDisclosure(false);
  const draining = useMutation({
    mutationFn: () => drain(name),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: BOARD_KEY });
      close();
    },
  });
  return (
    <>
      <Button
        variant="default"
        size="compact-xs"
        aria-label={t('board.workers.drainNamed', { name })}
        onClick={open}
      >
        {t('board.workers.drain')}
      </Button>
      <Dialog
        opened={asking}
        onClose={close}
        title={t('board.workers.drainAsk', { name })}
        withCloseButton={false}
        centered
      >
        <Stack gap="md">
          <Text size="sm">{t(busy ? 'board.workers.drainText' : 'board.workers.drainIdle', { busy })}</Text>
          {draining.isError && (
            <Alert role="alert" color="red">
              {problemText(draining.error, t)}
            </Alert>
          )}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={close}>
              {t('board.workers.drainNo')}
            </Button>
            <Button
              loading={draining.isPending}
              onClick={() => {
                draining.mutate();
              }}
            >
              {t('board.workers.drainYes')}
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </>
  );
}
