import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Call } from '../api/shapes';
import { Panel } from './Panel';
import classes from './Panels.module.css';
import { offsetText } from './words';

type Leg = Call['legs'][number];
type Offer = Call['offers'][number];

/** Who is or was in the call's room, and to whom the call was offered. */
export function RoomPanel({ call }: { call: Call }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('call.legs')}>
      {call.legs.length === 0 && (
        <Text c="dimmed" size="sm" p="md">
          {t('call.legsEmpty')}
        </Text>
      )}
      <ul className={classes.list}>
        {call.legs.map((leg) => (
          <LegRow key={leg.id} leg={leg} start={call.arrived_at} />
        ))}
      </ul>
      <h3 className={classes.subtitle}>{t('call.offers')}</h3>
      {call.offers.length === 0 && (
        <Text c="dimmed" size="sm" px="md" pb="md">
          {t('call.offersEmpty')}
        </Text>
      )}
      <ul className={classes.list}>
        {call.offers.map((offer) => (
          <OfferRow key={offer.id} offer={offer} start={call.arrived_at} />
        ))}
      </ul>
    </Panel>
  );
}

function LegRow({ leg, start }: { leg: Leg; start: string }) {
  const { t } = useTranslation();
  const until = leg.left_at ? offsetText(start, leg.left_at) : t('call.stillThere');
  return (
    <li className={classes.item}>
      <div>
        <div className={classes.itemTitle}>{t(`leg.${leg.kind}`)}</div>
        <div className={classes.itemText}>{leg.identity}</div>
      </div>
      <span className={classes.offset}>
        {t('call.times', { from: offsetText(start, leg.joined_at), to: until })}
      </span>
    </li>
  );
}

function OfferRow({ offer, start }: { offer: Offer; start: string }) {
  const { t } = useTranslation();
  const from = offsetText(start, offer.offered_at);
  return (
    <li className={classes.item}>
      <div>
        <div className={classes.itemTitle}>
          {t(`leg.${offer.kind}`)} · {t(`offer.${offer.state}`)}
        </div>
        <div className={classes.itemText}>{offer.worker}</div>
      </div>
      <span className={classes.offset}>
        {offer.ended_at ? t('call.times', { from, to: offsetText(start, offer.ended_at) }) : from}
      </span>
    </li>
  );
}
