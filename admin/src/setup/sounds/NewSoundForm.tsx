import { Autocomplete, Button, Group, Paper, Progress, SegmentedControl, Stack } from '@mantine/core';
import { IconDeviceFloppy } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../../api/client';
import { errorAt, errorsElsewhere } from '../../app/edit/problems';
import { Refusal } from '../../app/edit/Refusal';
import { useProfiles } from '../useProfiles';
import { AboutFields } from './AboutFields';
import { SourceFields, type Source } from './SourceFields';
import { type NewSound, uploadSound } from './upload';

const WAYS = ['upload', 'record', 'speak'] as const;
type Way = (typeof WAYS)[number];
const NOTHING: Source = { file: null, text: '' };
const SHOWN = ['name', 'query.name', 'query.language', 'language', 'profile', 'text', 'body'];

/** Makes a sound out of a file, of what the microphone hears, or of a text that a profile's voice speaks once. */
export function NewSoundForm({ onMade }: { onMade: () => Promise<void> }) {
  const { t } = useTranslation();
  const [way, setWay] = useState<Way>('upload');
  const [about, setAbout] = useState<NewSound>({ name: '', kind: 'message', language: null });
  const [source, setSource] = useState(NOTHING);
  const [profile, setProfile] = useState('');
  const [progress, setProgress] = useState(0);
  const making = useMaking(setProgress, async () => {
    setAbout({ ...about, name: '' });
    setSource(NOTHING);
    await onMade();
  });
  const { error } = making;
  const ready =
    about.name !== '' && (way === 'speak' ? source.text !== '' && profile !== '' : source.file !== null);
  return (
    <Paper
      withBorder
      component="form"
      p="md"
      aria-label={t('sounds.add')}
      onSubmit={(event) => {
        event.preventDefault();
        making.mutate({ way, about, source, profile });
      }}
    >
      <Stack gap="sm">
        <WayChoice
          way={way}
          onChange={(next) => {
            setWay(next);
            setSource(NOTHING);
            making.reset();
          }}
        />
        <AboutFields about={about} error={error} onChange={setAbout}>
          {way === 'speak' && <ProfileChoice profile={profile} error={error} onChange={setProfile} />}
        </AboutFields>
        <SourceFields
          way={way}
          source={source}
          error={errorAt(error, 'body') ?? errorAt(error, 'text')}
          onChange={setSource}
        />
        {error && <Refusal error={error} fields={errorsElsewhere(error, SHOWN)} />}
        <Sent share={progress} />
        <Group>
          <Button
            type="submit"
            leftSection={<IconDeviceFloppy size={16} />}
            disabled={!ready}
            loading={making.isPending}
          >
            {t(way === 'speak' ? 'sounds.speak' : 'sounds.keep')}
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}

interface Order {
  way: Way;
  about: NewSound;
  source: Source;
  profile: string;
}

/** Sends what was chosen; `onProgress` hears the share of a file that was sent. */
function useMaking(onProgress: (share: number) => void, onMade: () => Promise<void>) {
  return useMutation({
    mutationFn: async ({ way, about, source, profile }: Order) => {
      if (way === 'speak') {
        const body = { ...about, text: source.text, profile };
        await answerOf(api.POST('/api/sounds/spoken', { body }));
      } else if (source.file) await uploadSound(about, source.file, onProgress);
    },
    onSuccess: onMade,
    onSettled: () => {
      onProgress(0);
    },
  });
}

function WayChoice({ way, onChange }: { way: Way; onChange: (way: Way) => void }) {
  const { t } = useTranslation();
  return (
    <SegmentedControl
      aria-label={t('sounds.way')}
      value={way}
      onChange={onChange}
      data={WAYS.map((value) => ({ value, label: t(`sounds.by.${value}`) }))}
    />
  );
}

function Sent({ share }: { share: number }) {
  const { t } = useTranslation();
  return (
    share > 0 && <Progress value={share * 100} aria-label={t('sounds.progress')} animated={share === 1} />
  );
}

interface ProfileProps {
  profile: string;
  error: Error | null;
  onChange: (profile: string) => void;
}

function ProfileChoice({ profile, error, onChange }: ProfileProps) {
  const { t } = useTranslation();
  return (
    <Autocomplete
      label={t('sounds.profile')}
      error={errorAt(error, 'profile')}
      data={useProfiles()}
      value={profile}
      onChange={onChange}
    />
  );
}
