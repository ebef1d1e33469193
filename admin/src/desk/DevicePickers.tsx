import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDevices } from '../app/useDevices';
import { chooseDevice, chosenDevice, type DeviceKind } from './devices';
import classes from './Sound.module.css';
import { useDesk } from './DeskContext';

/** The microphone and the loudspeaker; a change is heard at once, also in the middle of a call. */
export function DevicePickers() {
  return (
    <div className={classes.pickers}>
      <DevicePicker kind="audioinput" />
      {'setSinkId' in HTMLMediaElement.prototype && <DevicePicker kind="audiooutput" />}
    </div>
  );
}

function DevicePicker({ kind }: { kind: DeviceKind }) {
  const { t } = useTranslation();
  const { room } = useDesk();
  const devices = useDevices(kind);
  const [chosen, setChosen] = useState(() => chosenDevice(kind) ?? '');
  const known = devices.some(({ deviceId }) => deviceId === chosen);
  return (
    <NativeSelect
      size="xs"
      label={t(`desk.sound.${kind}`)}
      value={known ? chosen : ''}
      onChange={({ currentTarget: { value } }) => {
        chooseDevice(kind, value);
        setChosen(value);
        void room()?.use(kind, value);
      }}
      data={[
        { value: '', label: t('desk.sound.default') },
        ...devices.map(({ deviceId, label }) => ({ value: deviceId, label })),
      ]}
    />
  );
}
