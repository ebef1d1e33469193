import { useTranslation } from 'react-i18next';
import { FieldGroup } from '../../app/edit/FieldGroup';
import { ChoiceField, LongTextField, NumberField } from '../../app/edit/Fields';
import { AskedSkill } from './AskedSkill';
import classes from './queues.module.css';
import { TextList } from './TextList';

const SENTENCES = ['asking', 'no_supervisor', 'declined', 'offer_timeout', 'join_failed', 'left'] as const;

/** How a human is asked into a call of this queue, what the caller hears meanwhile, and how such calls are closed. */
export function SupervisorFields() {
  const { t } = useTranslation();
  const s = t('edit.seconds');
  return (
    <>
      <FieldGroup title={t('queues.field.supervisors')} hint={t('queues.supervisorsHint')}>
        <div className={classes.pairs}>
          <ChoiceField
            path="supervisors.strategy"
            label={t('queues.strategy')}
            hint={t('queues.strategyHint')}
            choices={[
              { value: 'longest_idle', label: t('queues.oneAfterOther') },
              { value: 'all_at_once', label: t('queues.allAtOnce') },
            ]}
          />
          <AskedSkill />
          <NumberField path="supervisors.ring_seconds" label={t('queues.ringSeconds')} suffix={s} />
          <NumberField path="supervisors.wait_seconds" label={t('queues.waitSeconds')} suffix={s} />
          <NumberField path="supervisors.nobody_seconds" label={t('queues.nobodySeconds')} suffix={s} />
          <NumberField path="supervisors.wrap_up_seconds" label={t('queues.wrapUp')} suffix={s} />
        </div>
        <TextList
          path="supervisors.dispositions"
          label={t('queues.dispositions')}
          hint={t('queues.dispositionsHint')}
          add={t('queues.addDisposition')}
        />
      </FieldGroup>
      <FieldGroup title={t('queues.asked.title')} hint={t('queues.asked.hint')}>
        <div className={classes.pairs}>
          {SENTENCES.map((name) => (
            <LongTextField key={name} path={`supervisors.${name}`} label={t(`queues.asked.${name}`)} />
          ))}
        </div>
      </FieldGroup>
    </>
  );
}
