import { TagsInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useField } from '../../app/edit/EditContext';

/** The pauses between attempts in seconds, in their order; the last one is repeated. */
export function PauseFields() {
  const { t } = useTranslation();
  const { value, error, set } = useField('call_back.after_seconds');
  const pauses = Array.isArray(value) ? (value as number[]) : [];
  return (
    <TagsInput
      label={t('queues.pauses')}
      description={t('queues.pausesHint')}
      error={error}
      allowDuplicates
      value={pauses.map(String)}
      onChange={(texts) => {
        set(texts.map(Number).filter((seconds) => Number.isFinite(seconds) && seconds > 0));
      }}
    />
  );
}
