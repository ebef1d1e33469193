import { Alert, Text } from '@mantine/core';
import {
  type Icon,
  IconArrowForwardUp,
  IconBan,
  IconFilter,
  IconListNumbers,
  IconMail,
  IconMessage,
  IconPhone,
  IconPhoneCall,
  IconPhoneOff,
  IconPhoneOutgoing,
  IconRepeat,
  IconUser,
  IconUsers,
} from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useDesk } from './desk';
import { type AnyActionName, type KeyedRule, plain } from './rules';
import classes from './Tree.module.css';
import { type Branch, type Edge, treeOf } from './tree';
import { actionWords, whenWords } from './words';

const ICONS: Record<AnyActionName, Icon> = {
  queue: IconUsers,
  human_first: IconUser,
  menu: IconListNumbers,
  message: IconMessage,
  voicemail: IconMail,
  call_back: IconPhoneCall,
  transfer: IconPhoneOutgoing,
  reject: IconBan,
  widen_skills: IconUsers,
};

/** Where each number leads, drawn from the rules on the page. It is a list of lists: read aloud it says the same. */
export function NumbersView({ rules }: { rules: readonly KeyedRule[] }) {
  const { t } = useTranslation();
  const { names } = useDesk();
  const numbers = names?.numbers;
  const tree = useMemo(() => treeOf(plain(rules), Object.keys(numbers ?? {})), [rules, numbers]);
  if (numbers && Object.keys(numbers).length === 0) {
    return <Alert color="gray">{t('routing.noNames.numbers')}</Alert>;
  }
  return (
    <div>
      <Text size="sm" c="dimmed" mb="sm">
        {t('routing.tree.lead')}
      </Text>
      {/* It scrolls, so the keyboard must get there (axe: scrollable-region-focusable). */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <section className={classes.canvas} aria-label={t('routing.view.numbers')} tabIndex={0}>
        <ul className={classes.tree}>
          {tree.map((branch, place) => (
            <BranchItem key={place} branch={branch} numbers={numbers ?? {}} />
          ))}
        </ul>
      </section>
    </div>
  );
}

function BranchItem({ branch, numbers }: { branch: Branch; numbers: Record<string, string> }) {
  const { t } = useTranslation();
  const { icon: Sign, title, text } = faceOf(branch, numbers, t);
  const edge = 'edge' in branch && branch.edge ? edgeWords(branch.edge, t) : null;
  return (
    <li className={classes.branch}>
      <div className={classes.node} data-is={branch.is === 'action' ? branch.action.action : branch.is}>
        {edge && <span className={classes.edge}>{edge}</span>}
        <span className={classes.title}>
          <Sign size={15} aria-hidden className={classes.icon} />
          {title}
        </span>
        {text && <span className={classes.text}>{text}</span>}
      </div>
      {branch.next.length > 0 && (
        <ul>
          {branch.next.map((next, place) => (
            <BranchItem key={place} branch={next} numbers={numbers} />
          ))}
        </ul>
      )}
    </li>
  );
}

function faceOf(
  branch: Branch,
  numbers: Record<string, string>,
  t: TFunction,
): { icon: Icon; title: string; text: string } {
  switch (branch.is) {
    case 'numbers':
      return {
        icon: IconPhone,
        title: branch.numbers.join(', '),
        text: branch.numbers.map((number) => numbers[number] ?? '').filter(Boolean).join(', '),
      }; // prettier-ignore
    case 'others':
      return { icon: IconPhone, title: t('routing.tree.others'), text: '' };
    case 'rule':
      return {
        icon: IconFilter,
        title: `${branch.place + 1}. ${branch.name}`,
        text: whenWords(branch.when, t).join(t('routing.and')) || t('routing.tree.each'),
      };
    case 'action':
      return { icon: ICONS[branch.action.action], title: actionWords(branch.action, t), text: '' };
    case 'again':
      return { icon: IconRepeat, title: t('routing.tree.again'), text: '' };
    case 'nothing':
      return { icon: IconPhoneOff, title: t('routing.tree.nothing'), text: '' };
    default:
      return { icon: IconArrowForwardUp, title: '', text: '' };
  }
}

function edgeWords(edge: Edge, t: TFunction): string {
  if (edge.by === 'key') return t('routing.tree.key', { key: edge.key, name: edge.name });
  return edge.by === 'after'
    ? t('routing.tree.after', { seconds: edge.seconds })
    : t('routing.tree.otherwise');
}
