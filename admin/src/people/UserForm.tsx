import { Alert, Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { problemText } from '../app/problemText';
import { fieldErrors, isSaidAt } from './fieldErrors';
import { type Person, type Role, ROLES, type Supervisor } from './queries';
import { SkillsField } from './SkillsField';
import { useUserEdit } from './useUserEdit';

interface UserFormProps {
  user: Person;
  supervisor: Supervisor | undefined;
  onDone: () => void;
}

/** Name, role and skills. Where somebody else was faster, theirs is shown, and what was written here stays. */
export function UserForm({ user, supervisor, onDone }: UserFormProps) {
  const { t } = useTranslation();
  const { name, role, skills, skilled, base, held, saving, dirty, conflict, set } = useUserEdit(
    user,
    supervisor,
    onDone,
  );
  const errors = fieldErrors(saving.error);
  const ofSkills = Object.keys(errors).filter((field) => /^skills(\.|$)/.test(field));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate();
      }}
    >
      <Stack gap="md">
        <TextInput
          label={t('people.name')}
          value={name}
          required
          maxLength={100}
          withAsterisk={false}
          error={errors.name}
          onChange={(event) => {
            set({ name: event.currentTarget.value });
          }}
        />
        <RoleSelect
          role={role}
          error={errors.role}
          onRole={(chosen) => {
            set({ role: chosen });
          }}
        />
        {skilled && (
          <SkillsField
            skills={skills}
            error={errors[ofSkills[0] ?? '']}
            onSkills={(chosen) => {
              set({ skills: chosen });
            }}
          />
        )}
        {conflict && <Conflict base={base} held={held} />}
        {saving.error && !conflict && !isSaidAt(saving.error, ['name', 'role', ...ofSkills]) && (
          <Alert role="alert" color="red">
            {problemText(saving.error, t)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t('people.cancel')}
          </Button>
          <Button type="submit" loading={saving.isPending} disabled={!dirty}>
            {t('people.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Conflict({ base, held }: { base: Person; held: Supervisor | undefined }) {
  const { t } = useTranslation();
  return (
    <Alert role="alert" color="orange">
      {t('people.conflict', {
        name: base.name,
        role: t(`role.${base.role}`),
        state: t(base.disabled ? 'people.disabled' : 'people.active'),
        skills: held?.skills.length ? held.skills.join(', ') : t('people.noSkills'),
      })}
    </Alert>
  );
}

interface RoleSelectProps {
  role: Role;
  onRole: (role: Role) => void;
  error?: string | undefined;
  roles?: Role[];
}

export function RoleSelect({ role, onRole, error, roles = ROLES }: RoleSelectProps) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      label={t('people.role')}
      description={t(`people.roles.${role}`)}
      value={role}
      error={error}
      data={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
      onChange={(event) => {
        onRole(event.currentTarget.value as Role);
      }}
    />
  );
}
