import { TagsInput, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import edits from '../app/edit/edit.module.css';
import { errorAt } from '../app/edit/problems';
import { tagsQuery } from './queries';
import { dayOf, instantOf } from './search';
import type { Review } from './useReview';

/** The fields that show what is wrong with them. */
export const SHOWN = ['question', 'answer', 'applies_when', 'tags', 'expires_at'] as const;

const TEXTS = [
  { name: 'question', hint: 'questionHint', rows: 2 },
  { name: 'answer', hint: 'answerHint', rows: 3 },
  { name: 'applies_when', hint: 'appliesHint', rows: 1 },
] as const;

export function LessonFields({ review, editable }: { review: Review; editable: boolean }) {
  const { t } = useTranslation();
  const { data: known = [] } = useQuery(tagsQuery);
  const { body, set, problem } = review;
  return (
    <fieldset className={edits.fields} disabled={!editable}>
      {TEXTS.map(({ name, hint, rows }) => (
        <Textarea
          key={name}
          label={t(`lessons.${name}`)}
          description={t(`lessons.${hint}`)}
          rows={rows}
          resize="vertical"
          required={name !== 'applies_when'}
          readOnly={!editable}
          error={errorAt(problem, name)}
          value={body[name]}
          onChange={({ currentTarget }) => {
            set({ [name]: currentTarget.value });
          }}
        />
      ))}
      <div className={edits.row}>
        <TagsInput
          label={t('lessons.tags')}
          description={t('lessons.tagsHint')}
          data={known}
          readOnly={!editable}
          error={errorAt(problem, 'tags')}
          value={body.tags}
          onChange={(tags) => {
            set({ tags });
          }}
        />
        <TextInput
          type="date"
          label={t('lessons.expires_at')}
          description={t('lessons.expiresHint')}
          readOnly={!editable}
          error={errorAt(problem, 'expires_at')}
          value={dayOf(body.expires_at)}
          onChange={({ currentTarget }) => {
            set({ expires_at: instantOf(currentTarget.value) });
          }}
        />
      </div>
    </fieldset>
  );
}
