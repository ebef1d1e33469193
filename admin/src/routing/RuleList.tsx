import {
  type Announcements,
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  type UniqueIdentifier,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  verticalListSortingStrategy,
} from '@dnd-kit/sortable';
import { Text } from '@mantine/core';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useDesk } from './desk';
import classes from './Routing.module.css';
import { RuleCard } from './RuleCard';
import { freeName, type KeyedRule, newKey, type Rule } from './rules';
import type { Editor } from './useEditor';

interface Props {
  editor: Editor;
  open: string | null;
  onOpen: (key: string | null) => void;
}

/** The rules in their order; the first that matches decides. */
export function RuleList({ editor: { work, step }, open, onOpen }: Props) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const { rules } = work;
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const change = (changed: KeyedRule[], touched?: string) => {
    step({ do: 'change', rules: changed, ...(touched ? { touched } : {}) });
  };
  const move = (from: number, to: number) => {
    if (from !== to && from >= 0 && to >= 0 && to < rules.length) change(arrayMove(rules, from, to));
  };
  const placeOf = (id: UniqueIdentifier | undefined) => rules.findIndex(({ key }) => key === id);
  const dropped = ({ active, over }: DragEndEvent) => {
    if (over) move(placeOf(active.id), placeOf(over.id));
  };
  const spoken = useSpoken(rules);
  if (rules.length === 0) return <Empty />;
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragEnd={dropped}
      accessibility={spoken}
    >
      <SortableContext items={rules.map(({ key }) => key)} strategy={verticalListSortingStrategy}>
        <ol className={classes.rules} aria-label={t('routing.view.rules')}>
          {rules.map(({ key, rule }, place) => (
            <RuleCard
              key={key}
              id={key}
              rule={rule}
              place={place}
              open={open === key}
              onOpen={() => {
                onOpen(open === key ? null : key);
              }}
              onChange={(changed: Rule) => {
                change(rules.with(place, { key, rule: changed }), key);
              }}
              onMove={(by) => {
                move(place, place + by);
              }}
              onRemove={() => {
                change(rules.toSpliced(place, 1));
              }}
              onCopy={() => {
                const copy = { key: newKey(), rule: { ...rule, name: freeName(rule.name, rules) } };
                change(rules.toSpliced(place + 1, 0, copy));
                onOpen(copy.key);
              }}
              readOnly={readOnly}
            />
          ))}
        </ol>
      </SortableContext>
    </DndContext>
  );
}

function Empty() {
  const { t } = useTranslation();
  return (
    <Text c="dimmed" size="sm" ta="center" py="xl">
      {t('routing.empty')}
    </Text>
  );
}

/** What a screen reader says while a rule is moved. */
function useSpoken(rules: readonly KeyedRule[]) {
  const { t } = useTranslation();
  const said = useRef<UniqueIdentifier | null>(null);
  const nameOf = (id: UniqueIdentifier) => rules.find(({ key }) => key === id)?.rule.name ?? '';
  const placeOf = (id: UniqueIdentifier) => rules.findIndex(({ key }) => key === id) + 1;
  const at = (id: UniqueIdentifier, over: UniqueIdentifier) => ({ name: nameOf(id), place: placeOf(over) });
  const announcements: Announcements = {
    onDragStart: ({ active }) => {
      said.current = active.id;
      return t('routing.spoken.start', { name: nameOf(active.id) });
    },
    onDragOver: ({ active, over }) => {
      if (!over || over.id === said.current) return undefined; // it has just been picked up there
      said.current = over.id;
      return t('routing.spoken.over', at(active.id, over.id));
    },
    onDragEnd: ({ active, over }) => (over ? t('routing.spoken.end', at(active.id, over.id)) : undefined),
    onDragCancel: ({ active }) => t('routing.spoken.cancel', { name: nameOf(active.id) }),
  };
  return { announcements, screenReaderInstructions: { draggable: t('routing.spoken.how') } };
}
