import { Button, CloseButton } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './edit.module.css';
import { Refusal } from './Refusal';

interface Props {
  text: string;
  undoing: { mutate: () => void; isPending: boolean; error: Error | null };
  onDismiss?: () => void;
}

/** Says what was done, and takes it back. */
export function UndoRow({ text, undoing, onDismiss }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <div role="status" className={classes.undo}>
        {text}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconArrowBackUp size={14} />}
          loading={undoing.isPending}
          onClick={() => {
            undoing.mutate();
          }}
        >
          {t('edit.undo')}
        </Button>
        {onDismiss && (
          <>
            <span className={classes.space} />
            <CloseButton aria-label={t('edit.dismiss')} c="inherit" onClick={onDismiss} />
          </>
        )}
      </div>
      {undoing.error && <Refusal error={undoing.error} />}
    </>
  );
}
