import { Button, Kbd, Text, Textarea } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemText } from '../app/problemText';
import { Panel } from '../calls/Panel';
import { timelineQuery } from '../calls/queries';
import classes from './Part.module.css';
import { type Whispered, whispersOf, whisperTo } from './queries';
import { KEYS, useShortcuts } from './shortcuts';

/** callcenter/platform/wire/supervision.py, LONGEST_WHISPER. */
const LONGEST = 2_000;

/** Tells the agent something in writing, and shows what it says it will change. The caller hears nothing of it. */
export function WhisperPanel({ callId }: { callId: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const timeline = useQuery(timelineQuery(callId));
  const sending = useMutation({
    mutationFn: (words: string) => whisperTo(callId, words),
    onSuccess: () => {
      setText('');
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['call', callId, 'timeline'] }),
  });
  const send = () => {
    const words = text.trim();
    if (words && !sending.isPending) sending.mutate(words);
  };
  useShortcuts({ write: () => field.current?.focus() });
  return (
    <Panel title={t('desk.whisper.title')}>
      <form
        className={classes.whisper}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Textarea
          ref={field}
          label={t('desk.whisper.label')}
          aria-keyshortcuts={`Alt+${KEYS.write}`}
          placeholder={t('desk.whisper.placeholder')}
          autosize={false}
          rows={2}
          maxLength={LONGEST}
          value={text}
          error={sending.isError ? problemText(sending.error, t) : undefined}
          onChange={({ currentTarget }) => {
            setText(currentTarget.value);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <div className={classes.foot}>
          <Text size="xs" c="dimmed" component="span">
            <Kbd size="xs">Enter</Kbd> {t('desk.whisper.keys')}
          </Text>
          <Button
            type="submit"
            size="xs"
            leftSection={<IconSend size={14} />}
            loading={sending.isPending}
            disabled={!text.trim()}
          >
            {t('desk.whisper.send')}
          </Button>
        </div>
        <Whispers whispers={whispersOf(timeline.data ?? [])} />
      </form>
    </Panel>
  );
}

function Whispers({ whispers }: { whispers: Whispered[] }) {
  const { t } = useTranslation();
  if (whispers.length === 0) return null;
  return (
    // A scrolling box has to take the focus, or the keyboard cannot scroll it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.whispers} role="log" aria-label={t('desk.whisper.said')} tabIndex={0}>
      {whispers.map(({ id, text, answer }) => (
        <div key={id} className={classes.whispered}>
          <span>{text}</span>
          <span className={classes.answer} data-heard={answer !== null || undefined}>
            {answer ?? t('desk.whisper.pending')}
          </span>
        </div>
      ))}
    </div>
  );
}
