import { ActionIcon, Button, Group, Menu, Text, Title, Tooltip } from '@mantine/core';
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconDeviceFloppy,
  IconDots,
  IconRocket,
  IconTrash,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '../api/schema';
import { PublishModal } from './PublishModal';
import classes from './Routing.module.css';
import type { Deeds, Editor } from './useEditor';
import { Tag } from './Tag';

export type Verdict = components['schemas']['Checked'];

interface Props {
  editor: Editor;
  deeds: Deeds;
  verdict: Verdict | undefined;
  readOnly: boolean;
}

/** What state the rules are in, and what can be done with them as a whole. */
export function Toolbar({ editor, deeds, verdict, readOnly }: Props) {
  const { t } = useTranslation();
  const [publishing, setPublishing] = useState(false);
  const { unsaved, conflict } = editor;
  const nothingNew = !unsaved && editor.work.base.state !== 'draft';
  return (
    <div className={classes.toolbar}>
      <div>
        <Group gap="xs">
          <Title order={1} size="h3">
            {t('routing.title')}
          </Title>
          <State editor={editor} />
        </Group>
        <Text size="xs" c="dimmed">
          {readOnly ? t('routing.readOnly') : t('routing.lead')}
        </Text>
      </div>
      {!readOnly && (
        <Group gap="xs">
          <Travel editor={editor} />
          <More editor={editor} deeds={deeds} />
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDeviceFloppy size={15} />}
            disabled={!unsaved || conflict !== null}
            loading={deeds.saving.isPending}
            onClick={() => {
              deeds.saving.mutate();
            }}
          >
            {t('routing.save')}
          </Button>
          <Button
            size="xs"
            leftSection={<IconRocket size={15} />}
            disabled={nothingNew || conflict !== null}
            onClick={() => {
              setPublishing(true);
            }}
          >
            {t('routing.publish')}
          </Button>
        </Group>
      )}
      {publishing && (
        <PublishModal
          editor={editor}
          deeds={deeds}
          verdict={verdict}
          onClose={() => {
            setPublishing(false);
          }}
        />
      )}
    </div>
  );
}

function State({ editor: { work, unsaved } }: { editor: Editor }) {
  const { t } = useTranslation();
  const { state, version } = work.base;
  return (
    <>
      {state && version !== null && (
        <Tag tone={state === 'draft' ? 'warning' : 'good'}>{t(`routing.state.${state}`, { version })}</Tag>
      )}
      {unsaved && <Tag tone="bad">{t('routing.unsaved')}</Tag>}
    </>
  );
}

function Travel({ editor: { work, step } }: { editor: Editor }) {
  const { t } = useTranslation();
  const ways = [
    { way: 'undo', icon: IconArrowBackUp, some: work.past.length > 0 },
    { way: 'redo', icon: IconArrowForwardUp, some: work.future.length > 0 },
  ] as const;
  return (
    <>
      {ways.map(({ way, icon: Icon, some }) => (
        <Tooltip key={way} label={t(`routing.${way}`)}>
          <ActionIcon
            variant="default"
            size={30}
            disabled={!some}
            aria-label={t(`routing.${way}`)}
            onClick={() => {
              step({ do: way });
            }}
          >
            <Icon size={16} />
          </ActionIcon>
        </Tooltip>
      ))}
    </>
  );
}

function More({ editor, deeds }: { editor: Editor; deeds: Deeds }) {
  const { t } = useTranslation();
  const { work, step, unsaved } = editor;
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label={t('routing.more')}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          disabled={!unsaved}
          leftSection={<IconArrowBackUp size={14} />}
          onClick={() => {
            step({ do: 'revert' });
          }}
        >
          {t('routing.revert')}
        </Menu.Item>
        <Menu.Item
          disabled={work.base.state !== 'draft'}
          color="red"
          leftSection={<IconTrash size={14} />}
          onClick={() => {
            deeds.discarding.mutate();
          }}
        >
          {t('routing.discard')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
