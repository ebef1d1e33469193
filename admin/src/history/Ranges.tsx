import { NumberInput, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FilterProps } from './Filters';
import { mistakesIn } from './search';

/** From which day to which, and how long the calls lasted. */
export function Ranges({ search, set }: FilterProps) {
  const { t } = useTranslation();
  const wrong = mistakesIn(search);
  return (
    <>
      {(['from', 'until'] as const).map((end) => (
        <TextInput
          key={end}
          size="xs"
          type="date"
          label={t(`history.${end}`)}
          value={search[end] ?? ''}
          error={end === 'until' && wrong.until && t(wrong.until)}
          onChange={({ currentTarget }) => {
            set({ [end]: currentTarget.value });
          }}
        />
      ))}
      {(['min', 'max'] as const).map((end) => (
        <NumberInput
          key={end}
          size="xs"
          label={t(`history.${end}`)}
          suffix={t('history.seconds')}
          min={0}
          max={604_800}
          allowDecimal={false}
          hideControls
          value={search[end] ?? ''}
          error={end === 'max' && wrong.max && t(wrong.max)}
          onChange={(value) => {
            set({ [end]: typeof value === 'number' ? value : undefined });
          }}
        />
      ))}
    </>
  );
}
