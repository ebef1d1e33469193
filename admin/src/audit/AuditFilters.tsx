import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import classes from './Audit.module.css';
import { type AuditFilter, auditPeopleQuery, filterOf, THINGS } from './queries';

interface AuditFiltersProps {
  filter: AuditFilter;
  onFilter: (filter: AuditFilter) => void;
}

export function AuditFilters({ filter, onFilter }: AuditFiltersProps) {
  const { t } = useTranslation();
  const { data: people = [] } = useQuery(auditPeopleQuery);
  const known = filter.who && !people.includes(filter.who) ? [filter.who, ...people] : people;
  const choose =
    (field: keyof AuditFilter) => (event: React.ChangeEvent<HTMLInputElement | HTMLSelectElement>) => {
      onFilter(filterOf({ ...filter, [field]: event.currentTarget.value }));
    };
  return (
    <div className={classes.filters} role="search">
      <NativeSelect
        size="xs"
        label={t('audit.who')}
        value={filter.who ?? ''}
        data={[{ value: '', label: t('audit.everybody') }, ...known]}
        onChange={choose('who')}
      />
      <NativeSelect
        size="xs"
        label={t('audit.thing')}
        value={filter.thing ?? ''}
        data={[
          { value: '', label: t('audit.everything') },
          ...THINGS.map((value) => ({ value, label: t(`audit.things.${value}`) })),
        ]}
        onChange={choose('thing')}
      />
      <TextInput
        size="xs"
        type="date"
        label={t('audit.since')}
        value={filter.since ?? ''}
        max={filter.until}
        onChange={choose('since')}
      />
      <TextInput
        size="xs"
        type="date"
        label={t('audit.until')}
        value={filter.until ?? ''}
        min={filter.since}
        onChange={choose('until')}
      />
      {Object.keys(filter).length > 0 && (
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            onFilter({});
          }}
        >
          {t('audit.clear')}
        </Button>
      )}
    </div>
  );
}
