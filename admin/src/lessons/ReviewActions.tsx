import { Button, Text } from '@mantine/core';
import { IconArrowBackUp, IconCheck, IconDeviceFloppy, IconGitMerge, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Lesson } from '../api/shapes';
import edits from '../app/edit/edit.module.css';
import { MergeModal } from './MergeModal';
import type { Review } from './useReview';

/** What may become of a lesson from here. */
export function ReviewActions({ lesson, review }: { lesson: Lesson; review: Review }) {
  const { t } = useTranslation();
  const { dirty, busy, take } = review;
  const stuck = busy || review.differences.length > 0;
  const draft = lesson.state === 'draft';
  return (
    <div className={edits.actions}>
      {draft && (
        <Button
          leftSection={<IconCheck size={16} />}
          disabled={stuck}
          onClick={() => {
            take({ verb: 'approve' });
          }}
        >
          {t(dirty ? 'lessons.saveApprove' : 'lessons.approve')}
        </Button>
      )}
      {(draft || lesson.state === 'approved') && <Keeping lesson={lesson} review={review} stuck={stuck} />}
      <Text size="xs" c="dimmed" role="status">
        {dirty ? t('edit.unsaved') : ''}
      </Text>
      <span className={edits.space} />
      {dirty && (
        <Button variant="subtle" disabled={busy} onClick={review.discard}>
          {t('edit.discard')}
        </Button>
      )}
      <Button
        variant={draft ? 'subtle' : 'default'}
        {...(draft && { color: 'red' })}
        leftSection={draft ? <IconX size={16} /> : <IconArrowBackUp size={16} />}
        disabled={stuck || dirty}
        onClick={() => {
          take({ verb: draft ? 'reject' : 'reopen' });
        }}
      >
        {t(draft ? 'lessons.reject' : 'lessons.reopen')}
      </Button>
    </div>
  );
}

interface KeepingProps {
  lesson: Lesson;
  review: Review;
  stuck: boolean;
}

/** Save what was written, or let it go up in another lesson. */
function Keeping({ lesson, review: { dirty, take }, stuck }: KeepingProps) {
  const { t } = useTranslation();
  const [merging, setMerging] = useState(false);
  return (
    <>
      <Button
        variant={lesson.state === 'approved' ? 'filled' : 'default'}
        leftSection={<IconDeviceFloppy size={16} />}
        disabled={stuck || !dirty}
        onClick={() => {
          take({ save: true });
        }}
      >
        {t('edit.save')}
      </Button>
      <Button
        variant="default"
        leftSection={<IconGitMerge size={16} />}
        disabled={stuck || dirty}
        onClick={() => {
          setMerging(true);
        }}
      >
        {t('lessons.merge')}
      </Button>
      <MergeModal
        lesson={lesson}
        opened={merging}
        onClose={() => {
          setMerging(false);
        }}
        onInto={(into) => {
          setMerging(false);
          take({ into });
        }}
      />
    </>
  );
}
