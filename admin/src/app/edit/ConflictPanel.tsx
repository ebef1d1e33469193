import { Alert, Button, Group, SegmentedControl, Table, Text } from '@mantine/core';
import { IconGitMerge } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './edit.module.css';
import type { Difference, Side } from './merge';

interface Props {
  differences: Difference[];
  gone: boolean;
  fieldName: (field: string) => string;
  onResolve: (chosen: Record<string, Side>) => void;
  onDiscard: () => void;
}

/** Somebody else was faster: their version beside mine, field by field. Nothing is lost until one of them is chosen. */
export function ConflictPanel({ differences, gone, fieldName, onResolve, onDiscard }: Props) {
  const { t } = useTranslation();
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    panel.current?.scrollIntoView({ block: 'start' });
  }, []);
  const [chosen, setChosen] = useState<Record<string, Side>>({});
  return (
    <Alert
      ref={panel}
      role="alert"
      color="orange"
      icon={<IconGitMerge />}
      title={t(gone ? 'edit.goneTitle' : 'edit.conflictTitle')}
    >
      <Text size="sm">{t(gone ? 'edit.goneText' : 'edit.conflictText')}</Text>
      {!gone && (
        <Table.ScrollContainer minWidth={420} tabIndex={0}>
          <Table className={classes.conflict} verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('edit.field')}</Table.Th>
                <Table.Th>{t('edit.mine')}</Table.Th>
                <Table.Th>{t('edit.theirs')}</Table.Th>
                <Table.Th>{t('edit.keep')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {differences.map((difference) => (
                <Row
                  key={difference.field}
                  difference={difference}
                  name={fieldName(difference.field)}
                  side={chosen[difference.field] ?? difference.proposed}
                  onChoose={(side) => {
                    setChosen({ ...chosen, [difference.field]: side });
                  }}
                />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Group mt="sm" gap="xs">
        <Button
          size="xs"
          onClick={() => {
            onResolve(chosen);
          }}
        >
          {t(gone ? 'edit.keepAsNew' : 'edit.takeOver')}
        </Button>
        <Button size="xs" variant="default" onClick={onDiscard}>
          {t('edit.dropMine')}
        </Button>
      </Group>
    </Alert>
  );
}

interface RowProps {
  difference: Difference;
  name: string;
  side: Side;
  onChoose: (side: Side) => void;
}

function Row({ difference: { mine, theirs }, name, side, onChoose }: RowProps) {
  const { t } = useTranslation();
  return (
    <Table.Tr>
      <Table.Th scope="row">{name}</Table.Th>
      <Table.Td>{shown(mine)}</Table.Td>
      <Table.Td>{shown(theirs)}</Table.Td>
      <Table.Td>
        <SegmentedControl
          size="xs"
          aria-label={t('edit.keepOf', { field: name })}
          value={side}
          onChange={onChoose}
          data={[
            { value: 'mine', label: t('edit.mine') },
            { value: 'theirs', label: t('edit.theirs') },
          ]}
        />
      </Table.Td>
    </Table.Tr>
  );
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'string') return value;
  return JSON.stringify(value, null, 1).replaceAll(/["{}]/g, '').trim();
}
