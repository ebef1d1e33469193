import { Alert, Button, Stack, Tabs, Text } from '@mantine/core';
import { IconAlertTriangle, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDesk } from './desk';
import { DifferenceList } from './DifferenceList';
import classes from './Routing.module.css';
import { RuleList } from './RuleList';
import { freeName, newKey } from './rules';
import type { Verdict } from './Toolbar';
import { TryPanel } from './TryPanel';
import type { Editor } from './useEditor';

/** The rules in their order, and beside them what they would do and what is new. */
export function RulesView({ editor, verdict }: { editor: Editor; verdict: Verdict | undefined }) {
  const { t } = useTranslation();
  const { readOnly, errors } = useDesk();
  const [open, setOpen] = useState<string | null>(null);
  const { work, step } = editor;
  const add = () => {
    const key = newKey();
    const rule = {
      name: freeName(t('routing.newRule'), work.rules),
      then: { action: 'queue', queue: '' } as const,
    };
    step({ do: 'change', rules: [{ key, rule }, ...work.rules] });
    setOpen(key);
  };
  const general = errors.filter(({ field }) => !/^rules\.\d/.test(field));
  return (
    <div className={classes.columns}>
      <Stack gap="xs">
        {errors.length > 0 && (
          <Alert color="red" icon={<IconAlertTriangle size={18} />} role="status" py="xs">
            <Text size="sm">{t('routing.mistakes', { count: errors.length })}</Text>
            {general.map(({ field, expected }) => (
              <Text key={`${field} ${expected}`} size="xs">
                {t('problem.expected', { field, expected })}
              </Text>
            ))}
          </Alert>
        )}
        {!readOnly && (
          <Button
            variant="light"
            size="xs"
            className={classes.start}
            leftSection={<IconPlus size={14} />}
            onClick={add}
          >
            {t('routing.addRule')}
          </Button>
        )}
        <RuleList editor={editor} open={open} onOpen={setOpen} />
      </Stack>
      <Beside editor={editor} verdict={verdict} />
    </div>
  );
}

function Beside({ editor, verdict }: { editor: Editor; verdict: Verdict | undefined }) {
  const { t } = useTranslation();
  const count = verdict?.differences?.length ?? 0;
  return (
    <aside className={classes.beside} aria-label={t('routing.beside')}>
      <Tabs defaultValue="try" variant="outline">
        <Tabs.List>
          <Tabs.Tab value="try">{t('routing.try')}</Tabs.Tab>
          <Tabs.Tab value="changes">{t('routing.changesCount', { count })}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="try" p="sm">
          <TryPanel rules={editor.work.rules} />
        </Tabs.Panel>
        <Tabs.Panel value="changes" p="sm">
          <Text size="xs" c="dimmed" mb="xs">
            {t('routing.changesText')}
          </Text>
          <DifferenceList differences={verdict?.differences} label={t('routing.changes')} />
        </Tabs.Panel>
      </Tabs>
    </aside>
  );
}
