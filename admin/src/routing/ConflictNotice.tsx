import { Alert, Button, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../calls/words';
import { ConflictModal } from './ConflictModal';
import classes from './Routing.module.css';
import type { Editor } from './useEditor';
import type { Edition } from './work';

/** That somebody else has changed the rules since this page read them. Nothing is lost; it has to be decided. */
export function ConflictNotice({ editor, theirs }: { editor: Editor; theirs: Edition }) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState(false);
  const at = theirs.changedAt ? clockText(theirs.changedAt, i18n.language, new Date()) : '';
  return (
    <Alert
      className={classes.notice}
      role="alert"
      color="orange"
      icon={<IconUsers size={18} />}
      title={t('routing.conflict')}
    >
      <Text size="sm">{t('routing.conflictText', { who: theirs.changedBy, at })}</Text>
      <Button
        mt="xs"
        size="xs"
        variant="default"
        onClick={() => {
          setOpen(true);
        }}
      >
        {t('routing.resolve')}
      </Button>
      {open && (
        <ConflictModal
          editor={editor}
          theirs={theirs}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </Alert>
  );
}
