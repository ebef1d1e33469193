import { Button, Table } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../../api/client';
import type { components } from '../../api/schema';
import { Refusal } from '../../app/edit/Refusal';
import { useMay } from '../../app/edit/useMay';
import { clockText } from '../../calls/words';
import classes from './messages.module.css';

type CallBack = components['schemas']['CallBackRead'];

export function CallBackRow({ row }: { row: CallBack }) {
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const mayCancel = useMay('cancel_call_backs');
  const cancelling = useMutation({
    mutationFn: () =>
      answerOf(api.DELETE('/api/call-backs/{call_back_id}', { params: { path: { call_back_id: row.id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['call-backs'] }),
  });
  const at = (time: string) => clockText(time, i18n.language, new Date());
  const cancellable = row.state === 'planned' || row.state === 'dialling';
  return (
    <>
      <Table.Tr>
        <Table.Td className={classes.nowrap}>{row.number}</Table.Td>
        <Table.Td>{row.queue}</Table.Td>
        <Table.Td>
          <span className={classes.tag} data-state={row.state}>
            {t(`callBacks.state.${row.state}`)}
          </span>
        </Table.Td>
        <Table.Td className={classes.nowrap}>
          <Asked row={row} at={at(row.asked_at)} />
        </Table.Td>
        <Table.Td>{row.attempts}</Table.Td>
        <Table.Td className={classes.nowrap}>
          {row.next_attempt_at ? at(row.next_attempt_at) : t('none')}
        </Table.Td>
        <Table.Td>{row.last_failure?.replaceAll('_', ' ') ?? t('none')}</Table.Td>
        <Table.Td align="right">
          {mayCancel && cancellable && (
            <Button
              size="xs"
              variant="default"
              loading={cancelling.isPending}
              aria-label={t('callBacks.cancelOf', { number: row.number })}
              onClick={() => {
                cancelling.mutate();
              }}
            >
              {t('callBacks.cancel')}
            </Button>
          )}
        </Table.Td>
      </Table.Tr>
      {cancelling.error && (
        <Table.Tr>
          <Table.Td colSpan={8}>
            <Refusal error={cancelling.error} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

function Asked({ row, at }: { row: CallBack; at: string }) {
  if (!row.origin_call_id) return at;
  return (
    <Link to="/calls/$callId" params={{ callId: row.origin_call_id }} className={classes.link}>
      {at}
    </Link>
  );
}
