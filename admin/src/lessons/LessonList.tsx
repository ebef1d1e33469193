import { NativeSelect, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type UseInfiniteQueryResult, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LessonPage, ListedLesson } from '../api/shapes';
import edits from '../app/edit/edit.module.css';
import { More } from '../app/edit/ListState';
import classes from './Lessons.module.css';
import { tagsQuery } from './queries';
import { type Search, searchWith, STATES } from './search';

const TYPING_MS = 250;

interface Props {
  search: Search;
  found: UseInfiniteQueryResult<{ pages: LessonPage[] }>;
}

/** The lessons in one state, by words and tag; the open one is marked. */
export function LessonList({ search, found }: Props) {
  const { t } = useTranslation();
  const pages = found.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const none = search.state === undefined && !search.q && !search.tag ? 'emptyTitle' : 'noneTitle';
  return (
    <div className={edits.list}>
      <States search={search} counts={pages[0]?.counts} />
      <Narrowing search={search} />
      <ul className={edits.entries} aria-label={t('lessons.list')} aria-busy={found.isPlaceholderData}>
        {items.map((lesson) => (
          <li key={lesson.id}>
            <Entry lesson={lesson} search={search} />
          </li>
        ))}
        {items.length === 0 && <li className={edits.none}>{t(`lessons.${none}`)}</li>}
      </ul>
      <More query={found} />
    </div>
  );
}

function States({ search, counts }: { search: Search; counts: LessonPage['counts'] | undefined }) {
  const { t } = useTranslation();
  return (
    <nav className={classes.states} aria-label={t('lessons.title')}>
      {STATES.map((state) => (
        <Link
          key={state}
          to="/lessons"
          search={searchWith(search, { open: undefined, state: state === 'draft' ? undefined : state })}
          className={classes.state}
          activeOptions={{ exact: true, includeSearch: true }}
          data-current={(search.state ?? 'draft') === state}
          aria-current={(search.state ?? 'draft') === state ? 'page' : undefined}
        >
          {t(`lessons.state.${state}`)}
          <span className={classes.count}>{counts?.[state] ?? 0}</span>
        </Link>
      ))}
    </nav>
  );
}

function Narrowing({ search }: { search: Search }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data: tags = [] } = useQuery(tagsQuery);
  const [words, setWords] = useState(search.q ?? '');
  useEffect(() => {
    if (words.trim() === (search.q ?? '')) return undefined;
    const timer = setTimeout(() => {
      const q = words.trim() || undefined;
      void navigate({ to: '/lessons', search: searchWith(search, { q }), replace: true });
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [words, search, navigate]);
  return (
    <>
      <TextInput
        aria-label={t('lessons.find')}
        placeholder={t('lessons.find')}
        leftSection={<IconSearch size={15} aria-hidden />}
        value={words}
        onChange={({ currentTarget }) => {
          setWords(currentTarget.value);
        }}
      />
      {tags.length > 0 && (
        <NativeSelect
          aria-label={t('lessons.byTag')}
          value={search.tag ?? ''}
          data={[
            { value: '', label: t('lessons.anyTag') },
            ...tags.map((tag) => ({ value: tag, label: tag })),
          ]}
          onChange={({ currentTarget: { value } }) => {
            void navigate({
              to: '/lessons',
              search: searchWith(search, { tag: value || undefined }),
            });
          }}
        />
      )}
    </>
  );
}

function Entry({ lesson, search }: { lesson: ListedLesson; search: Search }) {
  const { t } = useTranslation();
  const open = lesson.id === search.open;
  return (
    <Link
      to="/lessons"
      search={{ ...search, open: lesson.id }}
      className={edits.entry}
      data-open={open}
      aria-current={open ? 'true' : undefined}
    >
      <span className={edits.entryKey}>{lesson.question}</span>
      <span className={classes.answer}>{lesson.answer}</span>
      <span className={edits.entryText}>
        {[t('lessons.calls', { count: lesson.calls }), lesson.expired && t('lessons.expired'), ...lesson.tags]
          .filter(Boolean)
          .join(' · ')}
      </span>
    </Link>
  );
}
