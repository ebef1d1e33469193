import { Stack } from '@mantine/core';
import { IconSchool } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import edits from '../app/edit/edit.module.css';
import { EmptyBox } from '../app/edit/EmptyBox';
import { ListState } from '../app/edit/ListState';
import { PageHead } from '../app/edit/PageHead';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { FailedDrafts } from './FailedDrafts';
import { LessonCard } from './LessonCard';
import { LessonList } from './LessonList';
import { lessonQuery, lessonsQuery } from './queries';

/** What agents may learn from humans: drafts to be reviewed, and what became of the others. */
export function LessonsPage() {
  const { t } = useTranslation();
  useDocumentTitle(t('lessons.title'));
  const search = useSearch({ from: '/signed-in/lessons' });
  const found = useInfiniteQuery(lessonsQuery(search));
  return (
    <Stack gap="md">
      <PageHead title={t('lessons.title')} lead={t('lessons.lead')} />
      <FailedDrafts />
      <ListState query={found} />
      {found.data && (
        <div className={edits.split} data-open={search.open !== undefined}>
          <LessonList search={search} found={found} />
          <div className={edits.main}>
            {search.open === undefined ? (
              <Nothing any={found.data.pages.some(({ items }) => items.length > 0)} />
            ) : (
              <Open key={search.open} id={search.open} />
            )}
          </div>
        </div>
      )}
    </Stack>
  );
}

function Nothing({ any }: { any: boolean }) {
  const { t } = useTranslation();
  const { state = 'draft', q, tag } = useSearch({ from: '/signed-in/lessons' });
  if (any)
    return <EmptyBox icon={IconSchool} title={t('lessons.chooseTitle')} text={t('lessons.chooseText')} />;
  const toDo = state === 'draft' && !q && !tag;
  return (
    <EmptyBox
      icon={IconSchool}
      title={t(toDo ? 'lessons.emptyTitle' : 'lessons.noneTitle')}
      text={t(toDo ? 'lessons.emptyText' : 'lessons.noneText')}
    />
  );
}

function Open({ id }: { id: string }) {
  const lesson = useQuery(lessonQuery(id));
  return lesson.data ? <LessonCard lesson={lesson.data} /> : <ListState query={lesson} />;
}
