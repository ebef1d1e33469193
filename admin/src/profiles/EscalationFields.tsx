import { NumberInput, Select, TagsInput, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { namesQuery } from '../routing/queries';
import type { ProfileForm } from './ProfileEditor';
import classes from './Profiles.module.css';

/** When a human is asked for although nobody wished so. What may be said here is the server's to judge. */
export function EscalationFields({ form }: { form: ProfileForm }) {
  const { t } = useTranslation();
  const never = t('profiles.escalation.never');
  return (
    <>
      <Text size="sm" c="dimmed">
        {t('profiles.escalation.lead')}
      </Text>
      <TagsInput
        label={t('profiles.escalation.keywords')}
        description={t('profiles.escalation.keywordsHint')}
        placeholder={form.values.escalation.keywords.length === 0 ? never : ''}
        {...form.getInputProps('escalation.keywords')}
      />
      <div className={classes.two}>
        <NumberInput
          label={t('profiles.escalation.misunderstandings')}
          description={t('profiles.escalation.misunderstandingsHint')}
          placeholder={never}
          suffix={` ${t('profiles.escalation.times')}`}
          min={0}
          allowDecimal={false}
          {...form.getInputProps('escalation.after_misunderstandings')}
        />
        <NumberInput
          label={t('profiles.escalation.length')}
          description={t('profiles.escalation.lengthHint')}
          placeholder={never}
          suffix={` ${t('profiles.fields.seconds')}`}
          min={0}
          step={30}
          {...form.getInputProps('escalation.after_seconds')}
        />
      </div>
      <ListField form={form} />
    </>
  );
}

/** A caller list of those that there are; one that is set and gone is shown all the same. */
function ListField({ form }: { form: ProfileForm }) {
  const { t } = useTranslation();
  const names = useQuery(namesQuery);
  const held = form.values.escalation.caller_list;
  const lists = new Set([...(names.data?.caller_lists ?? []), ...(held === null ? [] : [held])]);
  const none = names.data && lists.size === 0;
  return (
    <Select
      label={t('profiles.escalation.list')}
      description={t(none ? 'profiles.escalation.noList' : 'profiles.escalation.listHint')}
      placeholder={t('profiles.escalation.never')}
      data={[...lists]}
      searchable={lists.size > 8}
      clearable
      clearButtonProps={{ 'aria-label': t('profiles.escalation.noListWanted') }}
      {...form.getInputProps('escalation.caller_list')}
    />
  );
}
