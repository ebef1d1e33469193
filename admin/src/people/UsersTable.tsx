import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './List.module.css';
import { ListTable, StateBadge } from './ListParts';
import type { Person, Supervisor } from './queries';
import { timeText } from './times';

interface UsersTableProps {
  users: Person[];
  supervisors: Supervisor[];
  ownId: string | undefined;
  onEdit: (user: Person) => void;
}

export function UsersTable({ users, supervisors, ownId, onEdit }: UsersTableProps) {
  const { t, i18n } = useTranslation();
  const columns = [
    t('people.name'),
    t('people.email'),
    t('people.role'),
    t('people.skills'),
    t('people.state'),
    t('people.lastSeen'),
  ];
  return (
    <ListTable name={t('people.users')} columns={columns}>
      {users.map((user) => {
        const state = user.disabled ? 'disabled' : 'active';
        return (
          <tr key={user.id} className={user.disabled ? classes.faded : undefined}>
            <td>
              {user.name}
              {user.id === ownId && <span className={classes.you}>{t('people.you')}</span>}
            </td>
            <td>{user.email}</td>
            <td>{t(`role.${user.role}`)}</td>
            <td>
              <Skills of={supervisors.find(({ id }) => id === user.id)} />
            </td>
            <td>
              <StateBadge state={state}>{t(`people.${state}`)}</StateBadge>
            </td>
            <td>{user.last_seen_at ? timeText(user.last_seen_at, i18n.language) : t('people.never')}</td>
            <td className={classes.actions}>
              <Button
                size="compact-xs"
                variant="default"
                aria-label={t('people.edit', { name: user.name })}
                onClick={() => {
                  onEdit(user);
                }}
              >
                …
              </Button>
            </td>
          </tr>
        );
      })}
    </ListTable>
  );
}

function Skills({ of }: { of: Supervisor | undefined }) {
  const { t } = useTranslation();
  if (!of || of.skills.length === 0) return t('none');
  return (
    <ul className={classes.skills}>
      {of.skills.map((skill) => (
        <li key={skill} className={classes.badge}>
          {skill}
        </li>
      ))}
    </ul>
  );
}
