import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { FilterProps } from './Filters';
import { queueNamesQuery } from './queries';
import { OUTCOMES, STATES } from './search';

/** What is chosen from a few: queue, outcome, state. */
export function Choices({ search, set }: FilterProps) {
  const { t } = useTranslation();
  const { data: queues = [] } = useQuery(queueNamesQuery);
  const names = new Set([...queues, ...(search.queue ? [search.queue] : [])]);
  const choices = {
    queue: [...names].map((name) => ({ value: name, label: name })),
    outcome: OUTCOMES.map((value) => ({ value, label: t(`outcome.${value}`) })),
    state: STATES.map((value) => ({
      value,
      label: value === 'live' ? t('history.liveState') : t(`state.${value}`),
    })),
  };
  return (['queue', 'outcome', 'state'] as const).map((name) => (
    <NativeSelect
      key={name}
      size="xs"
      label={t(`history.${name}`)}
      value={search[name] ?? ''}
      onChange={({ currentTarget }) => {
        set({ [name]: currentTarget.value });
      }}
      data={[{ value: '', label: t('history.any') }, ...choices[name]]}
    />
  ));
}
