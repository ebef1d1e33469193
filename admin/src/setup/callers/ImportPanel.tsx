import { Alert, Button, FileButton, Group, List, Textarea } from '@mantine/core';
import { IconFileImport, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReadLines } from './lines';

interface Props<T> {
  hint: string;
  example: string;
  read: (text: string) => ReadLines<T>;
  onImport: (items: T[]) => void;
  busy?: boolean;
}

const MOST_ERRORS = 20;

/** Lines pasted or read from a file; what is wrong is told line by line before anything is taken over. */
export function ImportPanel<T>({ hint, example, read, onImport, busy = false }: Props<T>) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const { items, errors } = read(text);
  return (
    <>
      <Textarea
        label={t('callers.paste')}
        description={hint}
        placeholder={example}
        autosize
        minRows={3}
        maxRows={12}
        value={text}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
        }}
      />
      {errors.length > 0 && (
        <Alert role="alert" color="orange" title={t('callers.wrongLines', { count: errors.length })}>
          <List size="sm">
            {errors.slice(0, MOST_ERRORS).map(({ line, text: written, expected }) => (
              <List.Item key={line}>{t('callers.wrongLine', { line, text: written, expected })}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Group gap="xs">
        <FileButton
          accept=".csv,.txt,text/csv,text/plain"
          onChange={(file) => void file?.text().then(setText)}
        >
          {(props) => (
            <Button {...props} size="xs" variant="default" leftSection={<IconUpload size={14} />}>
              {t('callers.fromFile')}
            </Button>
          )}
        </FileButton>
        <Button
          size="xs"
          leftSection={<IconFileImport size={14} />}
          disabled={items.length === 0}
          loading={busy}
          onClick={() => {
            onImport(items);
            setText(errors.map((error) => error.text).join('\n'));
          }}
        >
          {t('callers.takeOver', { count: items.length })}
        </Button>
      </Group>
    </>
  );
}
