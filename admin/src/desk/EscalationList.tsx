import { Skeleton, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconHeadset } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Escalation } from '../api/shapes';
import { Answer } from './Answer';
import { EscalationText } from './EscalationText';
import classes from './Inbox.module.css';
import { isAsking } from './queries';
import type { Answering } from './useAnswering';
import { Waited } from './Waited';

interface EscalationListProps {
  /** Null while they are not known yet. */
  escalations: Escalation[] | null;
  shown: string | null;
  onChoose: (id: string) => void;
  answering: Answering;
}

/** Open escalations, each with how it stands; the one that is shown with its answer. */
export function EscalationList({ escalations, shown, onChoose, answering }: EscalationListProps) {
  const { t } = useTranslation();
  if (!escalations) {
    return (
      <Stack p="md" gap="xs" role="status" aria-label={t('loading')}>
        <Skeleton height={18} width="60%" />
        <Skeleton height={14} width="85%" />
      </Stack>
    );
  }
  if (escalations.length === 0) {
    return (
      <div className={classes.empty}>
        <IconHeadset size={34} stroke={1.4} aria-hidden />
        <Text fw={600}>{t('desk.emptyTitle')}</Text>
        <Text size="sm" c="dimmed">
          {t('desk.emptyText')}
        </Text>
      </div>
    );
  }
  return (
    <ul className={classes.list}>
      {escalations.map((escalation) => {
        const { id } = escalation;
        const open = id === shown;
        return (
          <li
            key={id}
            className={classes.item}
            data-rings={escalation.offered_to_me || undefined}
            data-shown={open || undefined}
            data-escalation={id}
          >
            <UnstyledButton
              className={classes.head}
              aria-pressed={open}
              onClick={() => {
                onChoose(id);
              }}
            >
              <span className={classes.from}>{escalation.from || t('call.unknownCaller')}</span>
              <Waited escalation={escalation} />
            </UnstyledButton>
            <Standing escalation={escalation} />
            {open && <EscalationText escalation={escalation} />}
            {open && isAsking(escalation) && <Answer escalation={escalation} answering={answering} />}
          </li>
        );
      })}
    </ul>
  );
}

/** Where it rings, or who has it. */
function Standing({ escalation }: { escalation: Escalation }) {
  const { t } = useTranslation();
  const { state, offered_to_me, offered_to, supervisor_name, queue } = escalation;
  const words = () => {
    if (offered_to_me) return t('desk.rings.here');
    if (state === 'accepted' || state === 'joined' || state === 'leading') {
      return t(`desk.escalation.${state}`, { who: supervisor_name ?? t('none') });
    }
    const others = offered_to.map(({ supervisor }) => supervisor).join(', ');
    return others ? t('desk.rings.there', { who: others }) : t('desk.rings.nowhere');
  };
  return (
    <Text size="xs" c="dimmed">
      <span className={classes.standing} data-rings={offered_to_me || undefined}>
        {words()}
      </span>
      {queue && ` · ${queue}`}
    </Text>
  );
}
