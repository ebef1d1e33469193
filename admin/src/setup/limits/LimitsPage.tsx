import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type BodyOf, collectionAt } from '../../app/edit/collection';
import { EntryPage } from '../../app/edit/EntryPage';
import { FieldGroup, FieldRow } from '../../app/edit/FieldGroup';
import { ChoiceField, NumberField } from '../../app/edit/Fields';
import { trunksQuery } from '../queries';
import { ThenFields } from '../ThenFields';

const collection = collectionAt('/api/limits');
type LimitBody = BodyOf<'/api/limits'>;
const PER = ['trunk', 'caller', 'waiting'] as const;
const empty: LimitBody = { per: 'trunk', trunk: null, max_calls: 20, then: { action: 'reject' } };

function LimitFields({ body }: { body: LimitBody }) {
  const { t } = useTranslation();
  const trunks = useQuery(trunksQuery);
  const inbound =
    trunks.data?.items.filter(({ direction }) => direction === 'inbound').map(({ name }) => name) ?? [];
  return (
    <>
      <FieldRow>
        <ChoiceField
          path="per"
          label={t('limits.per')}
          hint={t(`limits.perHint.${body.per}`)}
          choices={PER.map((value) => ({ value, label: t(`limits.perName.${value}`) }))}
        />
        {(body.per === 'trunk' || body.trunk != null) && (
          <ChoiceField
            path="trunk"
            label={t('limits.trunk')}
            hint={t('limits.trunkHint')}
            choices={inbound}
            clearable
          />
        )}
        <NumberField
          path="max_calls"
          label={t('limits.maxCalls')}
          hint={body.per === 'waiting' ? t('limits.maxCallsHint') : undefined}
        />
      </FieldRow>
      <FieldGroup title={t('limits.then')} hint={t('limits.thenHint')}>
        <ThenFields path="then" label={t('limits.thenLabel')} />
      </FieldGroup>
    </>
  );
}

export function LimitsPage() {
  const { t } = useTranslation();
  const fields: Record<string, string> = {
    per: t('limits.per'),
    trunk: t('limits.trunk'),
    max_calls: t('limits.maxCalls'),
    then: t('limits.then'),
  };
  return (
    <EntryPage
      kind={{
        collection,
        empty,
        Fields: LimitFields,
        words: {
          title: t('limits.title'),
          lead: t('limits.lead'),
          add: t('limits.add'),
          key: t('edit.name'),
          keyHint: t('edit.nameHint'),
          emptyText: t('limits.emptyText'),
          fieldName: (field) => fields[field] ?? field,
        },
        summary: ({ per, max_calls }) =>
          max_calls == null
            ? t('limits.asSeats')
            : t('limits.summary', { count: max_calls, per: t(`limits.perName.${per}`) }),
      }}
    />
  );
}
