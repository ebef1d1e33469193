import { Alert, Button, Group, Loader, Paper, Stack, Text, TextInput } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemText } from '../app/problemText';
import type { Permission } from '../app/navigation';
import { replayCalls } from './queries';
import { ReplayCalls } from './ReplayCalls';
import classes from './Routing.module.css';
import type { Deeds, Editor } from './useEditor';
import type { Replay } from './queries';

const ReplayChart = lazy(() =>
  import('./ReplayChart').then(({ ReplayChart: chart }) => ({ default: chart })),
);

interface Props {
  editor: Editor;
  deeds: Deeds;
  permissions: readonly Permission[];
}

/** The calls of a period asked again by these rules: what would have gone elsewhere. */
export function ReplayView({ editor, deeds, permissions }: Props) {
  const { t } = useTranslation();
  const [from, setFrom] = useState(() => dayText(-30));
  const [to, setTo] = useState(() => dayText(1));
  const { base } = editor.work;
  const replaying = useMutation({
    mutationFn: async () => {
      const draft = editor.unsaved ? await deeds.saving.mutateAsync() : base;
      const which = draft.state === 'draft' ? 'draft' : 'published';
      return replayCalls(
        which,
        new Date(`${from}T00:00`).toISOString(),
        new Date(`${to}T00:00`).toISOString(),
      );
    },
  });
  if (!permissions.includes('replay_rules'))
    return <Alert color="gray">{t('routing.replay.notAllowed')}</Alert>;
  const mayNotSave = editor.unsaved && (editor.conflict !== null || !permissions.includes('edit_setup'));
  return (
    <Stack gap="md">
      <Paper withBorder p="md">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            replaying.mutate();
          }}
        >
          <Text size="sm" mb="sm">
            {t('routing.replay.lead')}
          </Text>
          <Group align="flex-end" gap="sm">
            <DayInput label={t('routing.replay.from')} value={from} onChange={setFrom} />
            <DayInput label={t('routing.replay.to')} value={to} onChange={setTo} />
            <Button
              type="submit"
              size="xs"
              leftSection={<IconHistory size={15} />}
              loading={replaying.isPending}
              disabled={mayNotSave || from === '' || to === '' || base.state === null}
            >
              {t(editor.unsaved ? 'routing.replay.saveAndRun' : 'routing.replay.run')}
            </Button>
          </Group>
        </form>
      </Paper>
      {replaying.error && (
        <Alert color="red" role="alert" title={t('problem.heading')}>
          {problemText(replaying.error, t)}
        </Alert>
      )}
      {replaying.data && <Outcome key={replaying.data.id} replay={replaying.data} />}
    </Stack>
  );
}

function DayInput({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (day: string) => void;
}) {
  return (
    <TextInput
      label={label}
      type="date"
      size="xs"
      required
      withAsterisk={false}
      value={value}
      onChange={({ currentTarget }) => {
        onChange(currentTarget.value);
      }}
    />
  );
}

function Outcome({ replay }: { replay: Replay }) {
  const { t } = useTranslation();
  const [change, setChange] = useState<number | null>(null);
  const figures = [
    { label: t('routing.replay.calls'), value: replay.calls },
    { label: t('routing.replay.changed'), value: replay.changed },
    { label: t('routing.replay.adjusted'), value: replay.adjusted },
  ];
  return (
    <section aria-label={t('routing.replay.result')} className={classes.stack}>
      <dl className={classes.figures}>
        {figures.map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {replay.gaps.length > 0 && (
        <Alert color="gray" py="xs">
          {replay.gaps.map(({ fact, words }) => (
            <Text key={fact} size="xs">
              {words}
            </Text>
          ))}
        </Alert>
      )}
      {replay.counts.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t(replay.calls === 0 ? 'routing.replay.noCalls' : 'routing.replay.nothing')}
        </Text>
      ) : (
        <Paper withBorder p="md">
          <Suspense fallback={<Loader size="sm" />}>
            <ReplayChart counts={replay.counts} />
          </Suspense>
          <ul className={classes.changes} aria-label={t('routing.replay.counts')}>
            {replay.counts.map(({ change: number, words, kind }) => (
              <li key={number}>
                <Button
                  size="compact-xs"
                  variant={change === number ? 'filled' : 'default'}
                  aria-pressed={change === number}
                  onClick={() => {
                    setChange(change === number ? null : number);
                  }}
                >
                  {words}
                </Button>
                {kind === 'terms' && <span className={classes.words}> {t('routing.replay.terms')}</span>}
              </li>
            ))}
          </ul>
        </Paper>
      )}
      {replay.counts.length > 0 && <ReplayCalls key={change} id={replay.id} change={change} />}
    </section>
  );
}

/** The day so many days from today, as a date field has it. */
function dayText(days: number): string {
  const day = new Date();
  day.setDate(day.getDate() + days);
  return new Date(day.getTime() - day.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}
