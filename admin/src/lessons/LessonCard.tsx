import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Lesson } from '../api/shapes';
import { ConflictPanel } from '../app/edit/ConflictPanel';
import edits from '../app/edit/edit.module.css';
import { LeaveGuard } from '../app/edit/LeaveGuard';
import { errorsElsewhere } from '../app/edit/problems';
import { Refusal } from '../app/edit/Refusal';
import { useMay } from '../app/edit/useMay';
import { clockText } from '../calls/words';
import { AskAgent } from './AskAgent';
import classes from './Lessons.module.css';
import { LessonFields, SHOWN } from './LessonFields';
import { Notices } from './Notices';
import { Quotes } from './Quotes';
import { ReviewActions } from './ReviewActions';
import { searchWith } from './search';
import { Undo } from './Undo';
import { useReview } from './useReview';

/** One lesson: what it says, where it comes from, what it changes, and what becomes of it. */
export function LessonCard({ lesson }: { lesson: Lesson }) {
  const { t } = useTranslation();
  const mayReview = useMay('review_lessons');
  const [done, setDone] = useState<Lesson | null>(null);
  const review = useReview(lesson, (after, step) => {
    setDone('save' in step || ('verb' in step && step.verb === 'reopen') ? null : after);
  });
  const editable = mayReview && (lesson.state === 'draft' || lesson.state === 'approved');
  return (
    <Stack gap="md">
      <LeaveGuard dirty={review.dirty} />
      {done && (
        <Undo
          after={done}
          onDone={() => {
            setDone(null);
          }}
        />
      )}
      <Paper withBorder className={edits.editor}>
        <Head lesson={lesson} />
        <Notices lesson={lesson} />
        {review.differences.length > 0 && (
          <ConflictPanel
            differences={review.differences}
            gone={false}
            fieldName={(field) => t(`lessons.${field as 'question'}`)}
            onResolve={review.resolve}
            onDiscard={review.discard}
          />
        )}
        <LessonFields review={review} editable={editable} />
        {review.problem && <Refusal error={review.problem} fields={errorsElsewhere(review.problem, SHOWN)} />}
        {mayReview ? (
          <ReviewActions lesson={lesson} review={review} />
        ) : (
          <Text size="sm" c="dimmed" pb="md">
            {t('lessons.mayNot')}
          </Text>
        )}
      </Paper>
      <Quotes quotes={lesson.quotes} />
      {mayReview && <AskAgent lesson={lesson} question={review.body.question} />}
    </Stack>
  );
}

const COLOURS = { draft: 'yellow', approved: 'teal', rejected: 'red', merged: 'gray' } as const;

function Head({ lesson }: { lesson: Lesson }) {
  const { t, i18n } = useTranslation();
  const search = useSearch({ from: '/signed-in/lessons' });
  const clock = (at: string) => clockText(at, i18n.language, new Date());
  const state = t(`lessons.is.${lesson.state}`);
  return (
    <Group justify="space-between" align="flex-start" wrap="nowrap">
      <div>
        <Link
          to="/lessons"
          search={searchWith(search, { open: undefined })}
          className={`${edits.back ?? ''} ${classes.back ?? ''}`}
        >
          <IconArrowLeft size={16} aria-hidden /> {t('lessons.back')}
        </Link>
        <Title order={2} size="h4">
          {lesson.question}
        </Title>
        <Text size="xs" c="dimmed">
          {[
            t('lessons.drafted', { at: clock(lesson.drafted_at) }),
            t('lessons.calls', { count: lesson.calls }),
            lesson.profile,
            lesson.decided_at &&
              t('lessons.decided', { state, by: lesson.decided_by ?? '', at: clock(lesson.decided_at) }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </Text>
      </div>
      <Group gap={6} wrap="nowrap" flex="none">
        {lesson.expired && (
          <Badge color="gray" variant="dot" c="var(--mantine-color-text)" miw="max-content">
            {t('lessons.expired')}
          </Badge>
        )}
        <span data-lesson-state={lesson.state}>
          <Badge color={COLOURS[lesson.state]} variant="dot" c="var(--mantine-color-text)" miw="max-content">
            {state}
          </Badge>
        </span>
      </Group>
    </Group>
  );
}
