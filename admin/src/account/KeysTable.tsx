import { Button, Tooltip } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../app/ProblemNotice';
import classes from '../people/List.module.css';
import { ListTable, StateBadge } from '../people/ListParts';
import { timeText } from '../people/times';
import { type Key, revokeKey } from './queries';
import { permissionText } from './words';

export function KeysTable({ items }: { items: Key[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const revoking = useMutation({
    mutationFn: revokeKey,
    onSettled: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  });
  const columns = [
    t('keys.name'),
    t('keys.begins'),
    t('keys.role'),
    t('people.state'),
    t('keys.owner'),
    t('keys.lastUsed'),
    t('keys.expires'),
  ];
  return (
    <>
      {revoking.error && <ProblemNotice error={revoking.error} onRetry={revoking.reset} />}
      <ListTable name={t('keys.title')} columns={columns}>
        {items.map((key) => (
          <KeyRow key={key.id} item={key} onRevoke={revoking.mutate} />
        ))}
      </ListTable>
    </>
  );
}

function KeyRow({ item, onRevoke }: { item: Key; onRevoke: (id: string) => void }) {
  const { t, i18n } = useTranslation();
  const name = item.name || t('keys.unnamed');
  const time = (at: string | null, none: string) => (at ? timeText(at, i18n.language) : none);
  return (
    <tr className={item.state === 'active' ? undefined : classes.faded}>
      <td>{name}</td>
      <td>
        <code>{item.prefix ? `${item.prefix}…` : t('none')}</code>
      </td>
      <td>
        {t(`role.${item.role}`)}
        {item.scopes && <Scopes scopes={item.scopes} />}
      </td>
      <td>
        <StateBadge state={item.state}>{t(`keys.state.${item.state}`)}</StateBadge>
      </td>
      <td>{item.owner ?? t('keys.nobody')}</td>
      <td>{time(item.last_used_at, t('keys.unused'))}</td>
      <td>{time(item.expires_at, t('keys.noEnd'))}</td>
      <td className={classes.actions}>
        {item.state === 'active' && (
          <Revoke
            name={name}
            onRevoke={() => {
              onRevoke(item.id);
            }}
          />
        )}
      </td>
    </tr>
  );
}

function Scopes({ scopes }: { scopes: string[] }) {
  const { t, i18n } = useTranslation();
  const words = scopes.map((scope) => permissionText(scope, i18n)).join(', ');
  return (
    <Tooltip label={words} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
      <button type="button" className={classes.hint} aria-label={words}>
        {t('keys.count', { count: scopes.length })}
      </button>
    </Tooltip>
  );
}

/** What cannot be undone is asked for twice, in the same place. */
function Revoke({ name, onRevoke }: { name: string; onRevoke: () => void }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  return (
    <Button
      size="compact-xs"
      variant={asked ? 'filled' : 'default'}
      color={asked ? 'red.8' : 'gray'}
      aria-label={asked ? t('keys.confirm') : t('keys.revokeNamed', { name })}
      onBlur={() => {
        setAsked(false);
      }}
      onClick={() => {
        if (asked) onRevoke();
        else setAsked(true);
      }}
    >
      {t(asked ? 'keys.confirm' : 'keys.revoke')}
    </Button>
  );
}
