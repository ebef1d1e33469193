import { Alert, Button, Group, Stack, Tabs, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '../api/shapes';
import { ConflictNotice } from './ConflictNotice';
import { DeedProblem } from './DeedProblem';
import { DeskContext } from './desk';
import { HistoryView } from './HistoryView';
import { LeaveGuard } from './LeaveGuard';
import { NumbersView } from './NumbersView';
import { namesQuery } from './queries';
import { ReplayView } from './ReplayView';
import { type View, VIEWS } from './routes';
import { RulesView } from './RulesView';
import { Toolbar } from './Toolbar';
import { type Deeds, useDeeds, useEditor, useVerdict } from './useEditor';
import type { Edition } from './work';

/** The editor with its views; what is written stays while one looks at another. */
export function Desk({ latest, user }: { latest: Edition; user: User }) {
  const { t } = useTranslation();
  const { view = 'rules' } = useSearch({ from: '/signed-in/routing' });
  const navigate = useNavigate();
  const editor = useEditor(latest, user.email);
  const deeds = useDeeds(editor);
  const verdict = useVerdict(editor.work, user.permissions.includes('replay_rules'));
  const { data: names } = useQuery(namesQuery);
  const readOnly = !user.permissions.includes('edit_setup');
  const errors = verdict.data?.errors;
  const desk = useMemo(() => ({ errors: errors ?? [], names, readOnly }), [errors, names, readOnly]);
  const show = (wanted: string | null) =>
    void navigate({ to: '/routing', search: wanted === 'rules' || !wanted ? {} : { view: wanted as View } });
  return (
    <DeskContext value={desk}>
      <Stack gap="sm">
        <Toolbar editor={editor} deeds={deeds} verdict={verdict.data} readOnly={readOnly} />
        {editor.conflict && <ConflictNotice editor={editor} theirs={editor.conflict} />}
        <DeedProblem deeds={deeds} />
        <Done deeds={deeds} />
        <Tabs value={view} onChange={show} keepMounted={false}>
          <Tabs.List aria-label={t('routing.views')}>
            {VIEWS.map((each) => (
              <Tabs.Tab key={each} value={each}>
                {t(`routing.view.${each}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="rules" pt="sm">
            <RulesView editor={editor} verdict={verdict.data} />
          </Tabs.Panel>
          <Tabs.Panel value="numbers" pt="sm">
            <NumbersView rules={editor.work.rules} />
          </Tabs.Panel>
          <Tabs.Panel value="replay" pt="sm">
            <ReplayView editor={editor} deeds={deeds} permissions={user.permissions} />
          </Tabs.Panel>
          <Tabs.Panel value="history" pt="sm">
            <HistoryView deeds={deeds} readOnly={readOnly} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
      <LeaveGuard unsaved={editor.unsaved} />
    </DeskContext>
  );
}

/** That other rules route calls now, with the way back. */
function Done({ deeds: { publishing, rollingBack } }: { deeds: Deeds }) {
  const { t } = useTranslation();
  const newest = [publishing, rollingBack]
    .filter((deed) => deed.isSuccess)
    .toSorted((one, other) => other.submittedAt - one.submittedAt)[0];
  if (!newest?.data) return null;
  const { version, before } = newest.data;
  const close = () => {
    publishing.reset();
    rollingBack.reset();
  };
  return (
    <Alert
      role="status"
      color="teal"
      icon={<IconCircleCheck size={18} />}
      withCloseButton
      closeButtonLabel={t('routing.close')}
      onClose={close}
    >
      <Group justify="space-between">
        <Text size="sm">{t('routing.live', { version })}</Text>
        {before !== null && before !== version && (
          <Button
            size="compact-sm"
            variant="default"
            loading={rollingBack.isPending}
            onClick={() => {
              rollingBack.mutate(before);
            }}
          >
            {t('routing.undoLive', { version: before })}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
