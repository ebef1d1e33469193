import { FileInput, Textarea } from '@mantine/core';
import { IconFileMusic } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Recorder } from './Recorder';

export interface Source {
  file: Blob | null;
  text: string;
}

interface Props {
  way: 'upload' | 'record' | 'speak';
  source: Source;
  error: string | undefined;
  onChange: (source: Source) => void;
}

/** What the sound is made of. */
export function SourceFields({ way, source, error, onChange }: Props) {
  const { t } = useTranslation();
  if (way === 'record')
    return (
      <Recorder
        sound={source.file}
        onSound={(file) => {
          onChange({ ...source, file });
        }}
      />
    );
  if (way === 'speak')
    return (
      <Textarea
        label={t('sounds.text')}
        description={t('sounds.textHint')}
        error={error}
        autosize
        minRows={2}
        value={source.text}
        onChange={({ currentTarget }) => {
          onChange({ ...source, text: currentTarget.value });
        }}
      />
    );
  return (
    <FileInput
      label={t('sounds.file')}
      description={t('sounds.fileHint')}
      placeholder={t('sounds.choose')}
      error={error}
      accept="audio/wav,audio/mpeg,audio/ogg,audio/flac,.wav,.mp3,.ogg,.flac"
      leftSection={<IconFileMusic size={16} aria-hidden />}
      clearable
      value={source.file instanceof File ? source.file : null}
      onChange={(file) => {
        onChange({ ...source, file });
      }}
    />
  );
}
