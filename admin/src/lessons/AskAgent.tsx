import { Alert, Button, NativeSelect, Paper, Skeleton, Text, TextInput, Title } from '@mantine/core';
import { IconMessageQuestion } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgentsAnswer, Lesson } from '../api/shapes';
import { Refusal } from '../app/edit/Refusal';
import classes from './Lessons.module.css';
import { ask, profileNamesQuery } from './queries';

/** Puts a question to the agent with and without this lesson, side by side. */
export function AskAgent({ lesson, question }: { lesson: Lesson; question: string }) {
  const { t } = useTranslation();
  const { data: profiles = [] } = useQuery(profileNamesQuery);
  const [own, setOwn] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const known = lesson.profile && profiles.includes(lesson.profile) ? lesson.profile : profiles[0];
  const profile = chosen ?? known ?? null;
  const words = own ?? question;
  const asking = useMutation({ mutationFn: () => ask(lesson.id, words, profile) });
  return (
    <Paper component="section" withBorder className={classes.panel} aria-labelledby="lesson-ask">
      <Title order={3} size="h5" id="lesson-ask">
        {t('lessons.ask')}
      </Title>
      <Text size="xs" c="dimmed">
        {t('lessons.askLead')}
      </Text>
      <form
        className={classes.asking}
        onSubmit={(event) => {
          event.preventDefault();
          asking.mutate();
        }}
      >
        <TextInput
          label={t('lessons.askQuestion')}
          value={words}
          maxLength={500}
          onChange={({ currentTarget }) => {
            setOwn(currentTarget.value);
          }}
        />
        <NativeSelect
          label={t('lessons.askProfile')}
          data={profiles}
          value={profile ?? ''}
          onChange={({ currentTarget }) => {
            setChosen(currentTarget.value);
          }}
        />
        <Button
          type="submit"
          variant="default"
          leftSection={<IconMessageQuestion size={16} />}
          loading={asking.isPending}
          disabled={words.trim() === '' || profile === null}
        >
          {t('lessons.askAgain')}
        </Button>
      </form>
      {asking.error && <Refusal error={asking.error} />}
      {asking.data && !asking.data.searches && (
        <Alert color="orange" mt="sm">
          {t('lessons.noTool')}
        </Alert>
      )}
      {(asking.isPending || asking.data) && (
        <div className={classes.answers}>
          <Answer title={t('lessons.with')} answer={asking.data?.with_lesson} of={lesson.id} marked />
          <Answer title={t('lessons.without')} answer={asking.data?.without_lesson} of={lesson.id} />
        </div>
      )}
    </Paper>
  );
}

interface Shown {
  title: string;
  answer: AgentsAnswer | undefined;
  of: string;
  marked?: boolean;
}

function Answer({ title, answer, of, marked = false }: Shown) {
  const { t } = useTranslation();
  return (
    <section className={classes.answerBox} data-marked={marked} aria-label={title}>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      {answer ? (
        <>
          <p className={classes.said}>
            {answer.error ? t('lessons.noAnswer', { why: answer.error }) : answer.text || '–'}
          </p>
          <Text size="xs" c="dimmed">
            {[
              answer.searched.length > 0
                ? answer.searched.map((words) => t('lessons.searched', { words })).join(', ')
                : t('lessons.notSearched'),
              t(answer.found.some(({ id }) => id === of) ? 'lessons.found' : 'lessons.notFound'),
              t('lessons.seconds', { seconds: answer.seconds.toFixed(1) }),
            ].join(' · ')}
          </Text>
        </>
      ) : (
        <Skeleton height={64} mt={8} role="status" aria-label={t('lessons.asking')} />
      )}
    </section>
  );
}
