import { EmptyBox } from './EmptyBox';
import { EntryList } from './EntryList';
import type { EntryKind } from './kind';
import { ListState } from './ListState';
import { PageHead } from './PageHead';
import { Button, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDocumentTitle } from '../useDocumentTitle';
import { type Edited, entriesQuery } from './collection';
import classes from './edit.module.css';
import { Editor } from './Editor';
import type { EntrySearch } from './search';
import { UndoBar } from './UndoBar';
import { useMay } from './useMay';

interface Deleted<Body> {
  key: string;
  body: Body;
}

/** A list of things that are kept by name, and the one that is open beside it. */
export function EntryPage<Entry extends Edited, Body extends object>({
  kind,
  above,
}: {
  kind: EntryKind<Entry, Body>;
  above?: ReactNode;
}) {
  const { t } = useTranslation();
  const { collection, words } = kind;
  useDocumentTitle(words.title);
  const search: EntrySearch = useSearch({ strict: false });
  const entries = useQuery(entriesQuery(collection));
  const mayEdit = useMay('edit_setup');
  const [deleted, setDeleted] = useState<Deleted<Body> | null>(null);
  const open = search.open ?? null;
  const entry = entries.data?.find((one) => collection.keyOf(one) === open) ?? null;
  const shown = search.new === true || open !== null;
  return (
    <Stack gap="md">
      <PageHead title={words.title} lead={words.lead}>
        {mayEdit && <Add label={words.add} />}
      </PageHead>
      {above}
      {deleted && (
        <UndoBar
          collection={collection}
          name={deleted.key}
          body={deleted.body}
          onDone={() => {
            setDeleted(null);
          }}
        />
      )}
      <ListState query={entries} />
      {entries.data && (
        <div className={classes.split} data-open={shown}>
          <EntryList kind={kind} entries={entries.data} open={open} />
          <div className={classes.main}>
            {search.new === true || entry !== null ? (
              <Editor
                key={search.new === true ? 'new' : `open ${open ?? ''}`}
                kind={kind}
                entry={search.new === true ? null : entry}
                mayEdit={mayEdit}
                onDeleted={(key, body) => {
                  setDeleted({ key, body });
                }}
              />
            ) : (
              <EmptyBox
                title={open === null ? t('edit.chooseTitle') : t('edit.missing', { name: open })}
                text={entries.data.length === 0 ? words.emptyText : t('edit.chooseText')}
              />
            )}
          </div>
        </div>
      )}
    </Stack>
  );
}

function Add({ label }: { label: string }) {
  return (
    <Button
      leftSection={<IconPlus size={16} />}
      flex="none"
      renderRoot={(props) => <Link {...props} to="." search={{ new: true }} />}
    >
      {label}
    </Button>
  );
}
