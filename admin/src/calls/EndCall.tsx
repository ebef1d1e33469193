import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPhoneOff } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../api/client';
import { ApiProblem } from '../api/problem';
import type { Call } from '../api/shapes';
import { ProblemNotice } from '../app/ProblemNotice';
import { sessionQuery } from '../session/session';
import { Dialog } from '../app/Dialog';

/** Ends a live call once somebody who may has confirmed it: nothing brings the caller back. */
export function EndCall({ call }: { call: Pick<Call, 'id' | 'lead_epoch'> }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data: user } = useQuery(sessionQuery);
  const [asking, { open, close }] = useDisclosure(false);
  const ending = useMutation({
    mutationFn: (lead_epoch: number) =>
      answerOf(
        api.POST('/api/calls/{call_id}/end', {
          params: { path: { call_id: call.id } },
          body: { lead_epoch },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['call', call.id] }),
    onSuccess: close,
  });
  if (!user?.permissions.includes('end_calls')) return null;
  const refused = ending.error instanceof ApiProblem && ending.error.status === 409;
  // Read again since: the lead has changed, and whoever leads now may be meant to go on.
  const moved = refused && call.lead_epoch !== ending.variables;
  const over = refused && !moved;
  const end = () => {
    ending.mutate(call.lead_epoch);
  };
  return (
    <>
      <Button color="red" variant="light" size="xs" leftSection={<IconPhoneOff size={15} />} onClick={open}>
        {t('callPage.end')}
      </Button>
      <Dialog
        opened={asking}
        onClose={close}
        title={t('callPage.endTitle')}
        transitionProps={{ duration: 200 }}
        centered
        withCloseButton={false}
      >
        <Text size="sm">{t(over ? 'callPage.over' : moved ? 'callPage.leadMoved' : 'callPage.endText')}</Text>
        {ending.isError && !refused && <ProblemNotice error={ending.error} onRetry={end} />}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close} data-autofocus>
            {t('callPage.keep')}
          </Button>
          {!over && (
            <Button color="red.9" loading={ending.isPending} onClick={end}>
              {t('callPage.end')}
            </Button>
          )}
        </Group>
      </Dialog>
    </>
  );
}
