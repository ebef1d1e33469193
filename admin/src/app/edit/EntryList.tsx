import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Edited } from './collection';
import classes from './edit.module.css';
import type { EntryKind } from './kind';

const MOST_SHOWN = 200;

/** Everything of a kind by name, with a field to find it; the open one is marked. */
export function EntryList<Entry extends Edited, Body extends object>({
  kind,
  entries,
  open,
}: {
  kind: EntryKind<Entry, Body>;
  entries: Entry[];
  open: string | null;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [wanted, setWanted] = useState('');
  const { keyOf } = kind.collection;
  const text = (entry: Entry) => `${keyOf(entry)} ${kind.summary(entry)}`.toLowerCase();
  const found = entries.filter((entry) => text(entry).includes(wanted.trim().toLowerCase()));
  return (
    <div className={classes.list}>
      <TextInput
        aria-label={t('edit.find')}
        placeholder={t('edit.find')}
        leftSection={<IconSearch size={15} aria-hidden />}
        value={wanted}
        onChange={({ currentTarget }) => {
          setWanted(currentTarget.value);
        }}
        onKeyDown={({ key }) => {
          const first = found[0];
          if (key === 'Enter' && first) void navigate({ to: '.', search: { open: keyOf(first) } });
        }}
      />
      <ul className={classes.entries} aria-label={kind.words.title}>
        {found.slice(0, MOST_SHOWN).map((entry) => (
          <li key={keyOf(entry)}>
            <Link
              to="."
              search={{ open: keyOf(entry) }}
              className={classes.entry}
              data-open={keyOf(entry) === open}
              aria-current={keyOf(entry) === open ? 'true' : undefined}
            >
              <span className={classes.entryKey}>{keyOf(entry)}</span>
              <span className={classes.entryText}>{kind.summary(entry)}</span>
            </Link>
          </li>
        ))}
        {found.length === 0 && (
          <li className={classes.none}>
            {entries.length === 0 ? kind.words.emptyText : t('edit.noneFound')}
          </li>
        )}
        {found.length > MOST_SHOWN && (
          <li className={classes.none}>{t('edit.moreFound', { count: found.length - MOST_SHOWN })}</li>
        )}
      </ul>
    </div>
  );
}
