import { useQuery } from '@tanstack/react-query';
import { Group, Text } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Call } from '../api/shapes';
import { Panel } from '../calls/Panel';
import { timelineQuery } from '../calls/queries';
import { useDesk, usePart } from './DeskContext';
import { DevicePickers } from './DevicePickers';
import { InCallTools } from './InCallTools';
import { ModeButtons } from './ModeButtons';
import classes from './Part.module.css';
import { PartTrouble } from './PartTrouble';
import { isHeldBy, leadingSupervision } from './queries';
import soundClasses from './Sound.module.css';

/** A supervisor's part in this call: not in it, or how. */
export function PartPanel({ call }: { call: Call }) {
  const { t } = useTranslation();
  const part = usePart();
  const here = part.callId === call.id && part.phase !== 'out';
  useTimelineWord(call.id);
  useEpoch(call, here);
  if (call.state === 'ended' && !here) return null;
  return (
    <Panel title={t('desk.part.title')} aside={<Standing callId={call.id} />}>
      <div className={classes.body}>
        <PartTrouble callId={call.id} />
        <ModeButtons call={call} />
        {here && <InCallTools call={call} />}
        {here && (
          <details className={soundClasses.check}>
            <summary>{t('desk.sound.devices')}</summary>
            <div className={soundClasses.body}>
              <DevicePickers />
            </div>
          </details>
        )}
      </div>
    </Panel>
  );
}

/** In one sentence: who hears me, and who leads. */
function Standing({ callId }: { callId: string }) {
  const { t } = useTranslation();
  const part = usePart();
  const here = part.callId === callId && part.phase !== 'out';
  const words = !here
    ? t('desk.part.out')
    : part.phase === 'joining' || part.mode === null
      ? t('desk.joining')
      : part.held
        ? t('desk.standing.held')
        : t(`desk.standing.${part.mode}`);
  return (
    <Group gap="xs" role="status">
      <Text size="xs" className={classes.standing} data-mode={here ? part.mode : 'out'}>
        {words}
      </Text>
      {here && part.mending && (
        <Text size="xs" fw={600}>
          {t('desk.part.mending')}
        </Text>
      )}
    </Group>
  );
}

/** What is shown of the lead is what orders are given on. */
function useEpoch({ id, lead_epoch }: Call, here: boolean): void {
  const { call } = useDesk();
  useEffect(() => {
    if (here) call.noticeEpoch(id, lead_epoch);
  }, [call, id, lead_epoch, here]);
}

/** A colleague has taken the lead, or the caller is on hold: the timeline says so, and was read after our own last order. */
function useTimelineWord(callId: string): void {
  const { call } = useDesk();
  const { mode, modeAt, supervisionId, callId: mine } = usePart();
  const timeline = useQuery(timelineQuery(callId));
  const leader = leadingSupervision(timeline.data ?? []);
  const held = supervisionId !== null && isHeldBy(timeline.data ?? [], supervisionId);
  const read = timeline.dataUpdatedAt;
  useEffect(() => {
    const leads = mine === callId && mode === 'take_over' && supervisionId !== null;
    if (!leads || read <= modeAt) return;
    if (leader !== null && leader !== supervisionId) call.demoted();
    else void call.noticeHold(held);
  }, [call, callId, mine, mode, modeAt, supervisionId, leader, held, read]);
}
