import { Button, Paper, Table } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { components } from '../../api/schema';
import classes from '../messages/messages.module.css';
import { placeText } from '../words';

type Skill = components['schemas']['SkillRead'];
type Forget = ((name: string) => void) | null;

/** Every skill with who has it and what asks for it; `onForget` is null for who may not. */
export function SkillTable({ skills, onForget }: { skills: Skill[]; onForget: Forget }) {
  const { t } = useTranslation();
  return (
    <Paper withBorder>
      <Table.ScrollContainer minWidth={640} tabIndex={0}>
        <Table verticalSpacing="xs" horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('skills.skill')}</Table.Th>
              <Table.Th>{t('skills.seats')}</Table.Th>
              <Table.Th>{t('skills.queues')}</Table.Th>
              <Table.Th>{t('skills.rules')}</Table.Th>
              <Table.Th aria-label={t('edit.delete')} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {skills.map((skill) => (
              <Row key={skill.name} skill={skill} onForget={onForget} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

function Row({ skill, onForget }: { skill: Skill; onForget: Forget }) {
  const { t } = useTranslation();
  return (
    <Table.Tr>
      <Table.Th scope="row">{skill.name}</Table.Th>
      <Table.Td>{skill.seats}</Table.Td>
      <Table.Td>
        {skill.queues.map((queue) => (
          <Link key={queue} to="/queues" search={{ open: queue }} className={classes.link}>
            {queue}{' '}
          </Link>
        ))}
      </Table.Td>
      <Table.Td>{skill.rules.map(placeText).join(', ')}</Table.Td>
      <Table.Td align="right">
        {onForget && (
          <Button
            size="xs"
            variant="subtle"
            color="red"
            leftSection={<IconTrash size={14} />}
            aria-label={t('edit.removeOf', { name: skill.name })}
            onClick={() => {
              onForget(skill.name);
            }}
          >
            {t('edit.delete')}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
