import { Alert, Text } from '@mantine/core';
import { IconGitMerge, IconScale, IconUserScan } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Lesson } from '../api/shapes';
import classes from './Lessons.module.css';
import { lessonQuery } from './queries';

/** What whoever reviews should know first: personal data that is left, and other lessons that say much the same. */
export function Notices({ lesson }: { lesson: Lesson }) {
  const { t } = useTranslation();
  const open = lesson.state === 'draft' || lesson.state === 'approved';
  const personal = [...new Set(lesson.looks_personal.map(({ text }) => text))];
  return (
    <>
      {lesson.merged_into && (
        <Alert color="gray" icon={<IconGitMerge />} title={t('lessons.mergedTitle')}>
          <Other id={lesson.merged_into} />
        </Alert>
      )}
      {open && personal.length > 0 && (
        <Alert color="orange" icon={<IconUserScan />} title={t('lessons.personalTitle')}>
          <Text size="sm">
            {personal.map((text) => `“${text}”`).join(', ')}. {t('lessons.personalText')}
          </Text>
        </Alert>
      )}
      {open && lesson.similar_to && (
        <Alert color="blue" icon={<IconScale />} title={t('lessons.similarTitle')}>
          <Other id={lesson.similar_to} />
        </Alert>
      )}
    </>
  );
}

/** Another lesson in a few words, to be opened. */
function Other({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data: other } = useQuery(lessonQuery(id));
  return (
    <>
      {other && (
        <Text size="sm">
          {other.question} – {other.answer}
        </Text>
      )}
      <Link
        className={classes.link}
        to="/lessons"
        search={{ open: id, ...(other && other.state !== 'draft' && { state: other.state }) }}
      >
        {t('lessons.similarOpen')}
      </Link>
    </>
  );
}
