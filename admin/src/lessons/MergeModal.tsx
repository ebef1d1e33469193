import { Button, Group, Radio, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Lesson } from '../api/shapes';
import { Dialog } from '../app/Dialog';
import classes from './Lessons.module.css';
import { targetsQuery } from './queries';

interface Props {
  lesson: Lesson;
  opened: boolean;
  onClose: () => void;
  onInto: (id: string) => void;
}

/** Which other lesson this one goes up in; the similar one comes first. */
export function MergeModal({ lesson, opened, onClose, onInto }: Props) {
  const { t } = useTranslation();
  const approved = useQuery({ ...targetsQuery('approved'), enabled: opened });
  const drafts = useQuery({ ...targetsQuery('draft'), enabled: opened });
  const [chosen, setChosen] = useState<string | null>(null);
  const into = chosen ?? lesson.similar_to;
  const others = [...(approved.data ?? []), ...(drafts.data ?? [])]
    .filter(({ id }) => id !== lesson.id)
    .sort((a, b) => Number(b.id === lesson.similar_to) - Number(a.id === lesson.similar_to));
  const known = others.some(({ id }) => id === into);
  return (
    <Dialog opened={opened} onClose={onClose} title={t('lessons.mergeTitle')} size="lg">
      <Text size="sm" mt="xs" mb="sm">
        {others.length > 0 || approved.isPending ? t('lessons.mergeText') : t('lessons.mergeNone')}
      </Text>
      <Radio.Group value={into} onChange={setChosen} aria-label={t('lessons.mergeTitle')}>
        <Stack gap="xs" className={classes.targets} tabIndex={0}>
          {others.map((other) => (
            <Radio
              key={other.id}
              value={other.id}
              label={other.question}
              description={`${t(`lessons.is.${other.state}`)} · ${other.answer}`}
            />
          ))}
        </Stack>
      </Radio.Group>
      <Group mt="md" justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('lessons.cancel')}
        </Button>
        <Button
          disabled={!known}
          onClick={() => {
            if (into) onInto(into);
          }}
        >
          {t('lessons.mergeInto')}
        </Button>
      </Group>
    </Dialog>
  );
}
