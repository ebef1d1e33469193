import { Button, Paper, TextInput } from '@mantine/core';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Choices } from './Choices';
import classes from './HistoryPage.module.css';
import { Ranges } from './Ranges';
import { plainNumber, readSearch, type Search } from './search';
import { useTyped } from './useTyped';

export interface FilterProps {
  search: Search;
  set: (change: Record<string, unknown>) => void;
}

interface FiltersProps {
  search: Search;
  onChange: (search: Search) => void;
}

/** Every filter at once; what is chosen holds at once, what is typed when the typing pauses. */
export function Filters({ search, onChange }: FiltersProps) {
  const { t } = useTranslation();
  const set = (change: Record<string, unknown>) => {
    onChange(readSearch({ ...search, ...change }));
  };
  const words = useTyped(search.q ?? '', (q) => {
    set({ q });
  });
  const number = useTyped(search.number ?? '', (typed) => {
    set({ number: typed });
  });
  const numberWrong = number.value !== '' && plainNumber(number.value) === undefined;
  return (
    <Paper component="search" withBorder className={classes.filters}>
      <TextInput
        label={t('history.search')}
        placeholder={t('history.searchHint')}
        leftSection={<IconSearch size={16} aria-hidden />}
        maxLength={200}
        {...words}
      />
      <div className={classes.row}>
        <TextInput
          size="xs"
          type="tel"
          label={t('history.number')}
          error={numberWrong && t('history.numberWrong')}
          {...number}
        />
        <Choices search={search} set={set} />
        <Ranges search={search} set={set} />
        {Object.keys(search).length > 0 && (
          <Button
            variant="subtle"
            size="xs"
            className={classes.clear}
            leftSection={<IconX size={14} />}
            onClick={() => {
              onChange({});
            }}
          >
            {t('history.clear')}
          </Button>
        )}
      </div>
    </Paper>
  );
}
