import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { entriesQuery } from '../../app/edit/collection';
import { FieldGroup, FieldRow } from '../../app/edit/FieldGroup';
import {
  ChoiceField,
  LongTextField,
  NumberField,
  PartSwitch,
  SwitchField,
  TagsField,
} from '../../app/edit/Fields';
import { queueCollection, skillsQuery, soundsQuery, trunksQuery } from '../queries';
import { ThenFields } from '../ThenFields';
import { AGEING, ANNOUNCE, type QueueBody } from './body';
import { KeyFields } from './KeyFields';
import { LanguageTexts } from './LanguageTexts';
import { PauseFields } from './PauseFields';
import { ProfileField } from './ProfileField';
import { SupervisorFields } from './SupervisorFields';
import { TextList } from './TextList';

export function QueueFields({ body }: { body: QueueBody }) {
  return (
    <>
      <Service ages={body.ageing != null} />
      <Waiting announces={body.announce != null} />
      <Limits />
      <Aims />
      <SupervisorFields />
      <CallBack />
      <Sentences />
    </>
  );
}

function Service({ ages }: { ages: boolean }) {
  const { t } = useTranslation();
  const skills = useQuery(skillsQuery);
  const s = t('edit.seconds');
  return (
    <>
      <FieldRow>
        <ProfileField />
        <TagsField
          path="required_skills"
          label={t('queues.field.required_skills')}
          hint={t('queues.skillsHint')}
          offered={skills.data?.items.map(({ name }) => name) ?? []}
        />
      </FieldRow>
      <FieldGroup title={t('queues.field.ageing')} hint={t('queues.ageingHint')}>
        <PartSwitch path="ageing" label={t('queues.ages')} initial={AGEING} />
        {ages && (
          <FieldRow>
            <NumberField path="ageing.every_seconds" label={t('queues.every')} suffix={s} />
            <NumberField path="ageing.points" label={t('queues.points')} />
            <NumberField path="ageing.at_most" label={t('queues.atMostPoints')} />
          </FieldRow>
        )}
      </FieldGroup>
    </>
  );
}

function Waiting({ announces }: { announces: boolean }) {
  const { t } = useTranslation();
  const sounds = useQuery(soundsQuery);
  const music = sounds.data?.items.filter(({ kind }) => kind === 'music').map(({ name }) => name) ?? [];
  const s = t('edit.seconds');
  return (
    <FieldGroup title={t('queues.waiting')} hint={t('queues.waitingHint')}>
      <LongTextField path="opening" label={t('queues.field.opening')} hint={t('queues.openingHint')} />
      <LanguageTexts />
      <FieldRow>
        <ChoiceField
          path="music"
          label={t('queues.field.music')}
          choices={[{ value: 'default', label: t('queues.ownMusic') }, ...music]}
        />
        <NumberField
          path="answer_after_seconds"
          label={t('queues.field.answer_after_seconds')}
          placeholder={t('queues.asSet')}
          suffix={s}
        />
      </FieldRow>
      <PartSwitch path="announce" label={t('queues.announces')} initial={ANNOUNCE} />
      {announces && (
        <>
          <FieldRow>
            <NumberField path="announce.every_seconds" label={t('queues.every')} suffix={s} />
            <SwitchField path="announce.position" label={t('queues.position')} />
            <SwitchField path="announce.expected_wait" label={t('queues.expectedWait')} />
          </FieldRow>
          <TextList path="announce.texts" label={t('queues.texts')} add={t('queues.addText')} />
        </>
      )}
      <KeyFields />
    </FieldGroup>
  );
}

function Limits() {
  const { t } = useTranslation();
  const s = t('edit.seconds');
  return (
    <FieldGroup title={t('queues.limits')} hint={t('queues.limitsHint')}>
      <FieldRow>
        <NumberField
          path="max_waiting"
          label={t('queues.field.max_waiting')}
          placeholder={t('edit.noLimit')}
        />
        <NumberField
          path="max_wait_seconds"
          label={t('queues.field.max_wait_seconds')}
          placeholder={t('queues.forEver')}
          suffix={s}
        />
      </FieldRow>
      <ThenFields path="when_full" label={t('queues.field.when_full')} />
      <LongTextField path="gave_up" label={t('queues.field.gave_up')} />
    </FieldGroup>
  );
}

function Aims() {
  const { t } = useTranslation();
  const s = t('edit.seconds');
  return (
    <FieldGroup title={t('queues.field.service_level')} hint={t('queues.serviceLevelHint')}>
      <FieldRow>
        <NumberField path="service_level.target_percent" label={t('queues.targetPercent')} suffix="%" />
        <NumberField path="service_level.target_seconds" label={t('queues.targetSeconds')} suffix={s} />
      </FieldRow>
    </FieldGroup>
  );
}

function CallBack() {
  const { t } = useTranslation();
  const trunks = useQuery(trunksQuery);
  const outbound =
    trunks.data?.items.filter(({ direction }) => direction === 'outbound').map(({ name }) => name) ?? [];
  const s = t('edit.seconds');
  return (
    <FieldGroup title={t('queues.field.call_back')} hint={t('queues.callBackHint')}>
      <FieldRow>
        <ChoiceField
          path="call_back.trunk"
          label={t('queues.trunk')}
          hint={t('queues.trunkHint')}
          choices={outbound}
          clearable
        />
        <NumberField path="call_back.attempts" label={t('queues.attempts')} />
        <NumberField path="call_back.ring_seconds" label={t('queues.ring')} suffix={s} />
      </FieldRow>
      <PauseFields />
      <LongTextField path="call_back.greeting" label={t('queues.greeting')} />
      <LongTextField path="call_back.announce" label={t('queues.machine')} hint={t('queues.machineHint')} />
    </FieldGroup>
  );
}

function Sentences() {
  const { t } = useTranslation();
  return (
    <FieldGroup title={t('queues.sentences')}>
      <LongTextField path="lost" label={t('queues.field.lost')} />
      <LongTextField path="failed" label={t('queues.field.failed')} />
      <LongTextField path="too_long" label={t('queues.field.too_long')} />
    </FieldGroup>
  );
}

/** The names of the other queues. */
export function useQueueNames(): string[] {
  return (useQuery(entriesQuery(queueCollection)).data ?? []).map(({ name }) => name);
}
