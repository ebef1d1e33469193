import { ActionIcon } from '@mantine/core';
import { type Icon, IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

interface Props {
  /** What the row is called when it is spoken of. */
  name: string;
  place: number;
  count: number;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

/** Up, down and away: what can be done with a row of a list. */
export function RowActs({ name, place, count, onMove, onRemove }: Props) {
  const { t } = useTranslation();
  return (
    <ActionIcon.Group>
      <Act
        act="up"
        icon={IconArrowUp}
        label={t('edit.upOf', { name })}
        off={place === 0}
        onAct={() => {
          onMove(-1);
        }}
      />
      <Act
        act="down"
        icon={IconArrowDown}
        label={t('edit.downOf', { name })}
        off={place === count - 1}
        onAct={() => {
          onMove(1);
        }}
      />
      <Act act="remove" icon={IconTrash} label={t('edit.removeOf', { name })} onAct={onRemove} />
    </ActionIcon.Group>
  );
}

interface ActProps {
  act: string;
  icon: Icon;
  label: string;
  off?: boolean;
  onAct: () => void;
}

function Act({ act, icon: Sign, label, off = false, onAct }: ActProps) {
  return (
    <ActionIcon
      variant="default"
      size="input-sm"
      data-act={act}
      aria-label={label}
      disabled={off}
      onClick={onAct}
    >
      <Sign size={15} />
    </ActionIcon>
  );
}
