import { Text } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../../api/client';
import { FieldGroup } from '../../app/edit/FieldGroup';
import { clockText } from '../../calls/words';
import { numberTrafficQuery } from '../queries';
import classes from './numbers.module.css';

const ACTIONS = [
  'queue',
  'menu',
  'message',
  'voicemail',
  'call_back',
  'transfer',
  'reject',
  'human_first',
] as const;

/** Where a call to this number would go if it came in now. */
const routeQuery = (number: string) =>
  queryOptions({
    queryKey: ['setup', 'numbers', 'route', number],
    retry: false,
    queryFn: ({ signal }) => {
      const params = { path: { which: 'published' } };
      const body = {
        to: number,
        from: '',
        headers: {},
        digits: [],
        waited_seconds: 0,
        attributes: {},
        queues: {},
      };
      return answerOf(api.POST('/api/rule-sets/{which}/try', { params, body, signal }));
    },
  });

/** What a number is used for: where it leads now, which trunk brings it, when it was last called. */
export function NumberUse({ number }: { number: string }) {
  const { t, i18n } = useTranslation();
  const route = useQuery(routeQuery(number));
  const traffic = useQuery(numberTrafficQuery);
  const own = traffic.data?.items.find((one) => one.number === number);
  const figures = own?.figures;
  const leads = route.data;
  const action = leads?.decision.action;
  const known = ACTIONS.find((name) => name === action);
  return (
    <FieldGroup title={t('numbers.use')}>
      <dl className={classes.facts}>
        <dt>{t('numbers.leadsTo')}</dt>
        <dd>
          {route.isPending && t('loading')}
          {route.isError && <Text size="sm">{route.error.message}</Text>}
          {leads && (
            <>
              <b>
                {[known ? t(`numbers.action.${known}`) : action, leads.decision.queue]
                  .filter(Boolean)
                  .join(' ')}
              </b>
              {leads.rule && ` · ${t('numbers.byRule', { rule: leads.rule.name })}`}
            </>
          )}
        </dd>
        <dt>{t('numbers.trunk')}</dt>
        <dd>{own && own.trunks.length > 0 ? own.trunks.join(', ') : t('numbers.noTrunk')}</dd>
        <dt>{t('numbers.lastCall')}</dt>
        <dd>
          {figures?.last_call_id && figures.last_call_at ? (
            <Link to="/calls/$callId" params={{ callId: figures.last_call_id }}>
              {clockText(figures.last_call_at, i18n.language, new Date())}
            </Link>
          ) : (
            t('numbers.never')
          )}
        </dd>
        <dt>{t('numbers.month')}</dt>
        <dd>{t('numbers.figures', { calls: figures?.calls ?? 0, refused: figures?.refused ?? 0 })}</dd>
      </dl>
    </FieldGroup>
  );
}
