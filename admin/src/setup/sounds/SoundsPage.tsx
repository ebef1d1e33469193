import { EmptyBox } from '../../app/edit/EmptyBox';
import { ListState } from '../../app/edit/ListState';
import { PageHead } from '../../app/edit/PageHead';
import { Paper, SegmentedControl, Stack } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../app/edit/useMay';
import { useDocumentTitle } from '../../app/useDocumentTitle';
import classes from '../messages/messages.module.css';
import { soundsQuery } from '../queries';
import { NewSoundForm } from './NewSoundForm';
import { type Deleted, SoundItem, UndoSound } from './SoundItem';

const SHOWN = ['all', 'music', 'message'] as const;

/** Music to wait by, and messages: uploaded, recorded or spoken by a model; listened to in place. */
export function SoundsPage() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const mayEdit = useMay('edit_setup');
  const sounds = useQuery(soundsQuery);
  const [shown, setShown] = useState<(typeof SHOWN)[number]>('all');
  const [deleted, setDeleted] = useState<Deleted | null>(null);
  const items = sounds.data?.items.filter(({ kind }) => shown === 'all' || kind === shown);
  const again = () => queries.invalidateQueries({ queryKey: ['setup', 'sounds'] });
  useDocumentTitle(t('sounds.title'));
  return (
    <Stack gap="md">
      <PageHead title={t('sounds.title')} lead={t('sounds.lead')} />
      {mayEdit && <NewSoundForm onMade={again} />}
      {deleted && (
        <UndoSound
          deleted={deleted}
          onDone={() => {
            setDeleted(null);
            void again();
          }}
        />
      )}
      <div>
        <SegmentedControl
          size="xs"
          aria-label={t('sounds.filter')}
          value={shown}
          onChange={(value) => {
            setShown(value);
          }}
          data={SHOWN.map((value) => ({ value, label: t(`sounds.show.${value}`) }))}
        />
      </div>
      <ListState query={sounds} />
      {items?.length === 0 && <EmptyBox title={t('sounds.emptyTitle')} text={t('sounds.emptyText')} />}
      {items && items.length > 0 && (
        <Paper withBorder>
          <ul className={classes.messages} aria-label={t('sounds.title')}>
            {items.map((sound) => (
              <SoundItem
                key={sound.name}
                sound={sound}
                mayEdit={mayEdit}
                onDeleted={(gone) => {
                  setDeleted(gone);
                  void again();
                }}
              />
            ))}
          </ul>
        </Paper>
      )}
    </Stack>
  );
}
