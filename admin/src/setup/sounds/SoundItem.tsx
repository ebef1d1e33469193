import { Button, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../../api/client';
import type { components } from '../../api/schema';
import { Refusal } from '../../app/edit/Refusal';
import { UndoRow } from '../../app/edit/UndoRow';
import { durationText } from '../../calls/words';
import classes from '../messages/messages.module.css';
import { placeText } from '../words';
import { type NewSound, uploadSound } from './upload';

type Sound = components['schemas']['SoundRead'];

/** A deleted sound as it was played, to be uploaded again. */
export interface Deleted extends NewSound {
  audio: Blob;
}

function audioOf(name: string): string {
  return `/api/sounds/${encodeURIComponent(name)}/audio`;
}

export function SoundItem({
  sound,
  mayEdit,
  onDeleted,
}: {
  sound: Sound;
  mayEdit: boolean;
  onDeleted: (gone: Deleted) => void;
}) {
  const { t, i18n } = useTranslation();
  const deleting = useDeleting(sound, onDeleted);
  const language =
    sound.language && new Intl.DisplayNames([i18n.language], { type: 'language' }).of(sound.language);
  const facts = [t(`sounds.kind.${sound.kind}`), durationText(sound.seconds * 1_000), language];
  return (
    <li className={classes.message} aria-label={sound.name}>
      <div>
        <Text fw={600} size="sm">
          {sound.name}
        </Text>
        <Text size="xs" c="dimmed">
          {facts.filter(Boolean).join(' · ')}
        </Text>
      </div>
      <div>
        {sound.text && <p className={classes.words}>“{sound.text}”</p>}
        {/* The words, where a model spoke them, stand above; music has none. */}
        {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
        <audio
          controls
          preload="none"
          src={audioOf(sound.name)}
          aria-label={t('sounds.listen', { name: sound.name })}
        />
        <Text size="xs" c="dimmed">
          {sound.used_by.length > 0
            ? t('sounds.usedBy', { places: sound.used_by.map(placeText).join(', ') })
            : t('sounds.unused')}
        </Text>
        {deleting.error && <Refusal error={deleting.error} />}
      </div>
      {mayEdit && (
        <Button
          size="xs"
          variant="subtle"
          color="red"
          leftSection={<IconTrash size={14} />}
          loading={deleting.isPending}
          aria-label={t('edit.removeOf', { name: sound.name })}
          onClick={() => {
            deleting.mutate();
          }}
        >
          {t('edit.delete')}
        </Button>
      )}
    </li>
  );
}

/** Keeps what was played, so that it can be made again. */
function useDeleting(sound: Sound, onDeleted: (gone: Deleted) => void) {
  return useMutation({
    mutationFn: async (): Promise<Deleted> => {
      const audio = await (await fetch(audioOf(sound.name))).blob();
      await answerOf(api.DELETE('/api/sounds/{name}', { params: { path: { name: sound.name } } }));
      return { name: sound.name, kind: sound.kind, language: sound.language, audio };
    },
    onSuccess: onDeleted,
  });
}

export function UndoSound({ deleted, onDone }: { deleted: Deleted; onDone: () => void }) {
  const { t } = useTranslation();
  const undoing = useMutation({
    mutationFn: () => uploadSound(deleted, deleted.audio, () => undefined),
    onSuccess: onDone,
  });
  return <UndoRow text={t('edit.deleted', { name: deleted.name })} undoing={undoing} onDismiss={onDone} />;
}
