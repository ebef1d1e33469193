import {
  type Icon,
  IconAddressBook,
  IconCalendarTime,
  IconFileSearch,
  IconGauge,
  IconHeadset,
  IconHistory,
  IconKey,
  IconLayoutDashboard,
  IconMailbox,
  IconMusic,
  IconNumbers,
  IconPhone,
  IconPhoneOutgoing,
  IconRobot,
  IconRoute,
  IconSchool,
  IconShieldCheck,
  IconStar,
  IconUserCircle,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';
import type { ParseKeys } from 'i18next';
import type { User } from '../api/shapes';

export type Permission = User['permissions'][number];

interface Place {
  to: NonNullable<LinkProps['to']>;
  label: ParseKeys;
  icon: Icon;
  /** Without this permission the place is not shown (the server refuses it in any case). */
  needs: Permission;
}

interface Section {
  heading: ParseKeys;
  places: Place[];
}

/** The console's places in the order in which the side bar shows them. */
export const SECTIONS: Section[] = [
  {
    heading: 'bar.sections.now',
    places: [
      { to: '/', label: 'board.title', icon: IconLayoutDashboard, needs: 'read_calls' },
      { to: '/calls', label: 'calls.title', icon: IconPhone, needs: 'read_calls' },
      { to: '/escalations', label: 'desk.title', icon: IconHeadset, needs: 'supervise' },
      { to: '/history', label: 'history.title', icon: IconFileSearch, needs: 'read_calls' },
      { to: '/voicemails', label: 'voicemails.title', icon: IconMailbox, needs: 'read_calls' },
      { to: '/call-backs', label: 'callBacks.title', icon: IconPhoneOutgoing, needs: 'read_calls' },
      { to: '/lessons', label: 'lessons.title', icon: IconSchool, needs: 'read_calls' },
    ],
  },
  {
    heading: 'bar.sections.setup',
    places: [
      { to: '/routing', label: 'routing.title', icon: IconRoute, needs: 'read_setup' },
      { to: '/profiles', label: 'profiles.title', icon: IconRobot, needs: 'read_setup' },
      { to: '/queues', label: 'queues.title', icon: IconUsersGroup, needs: 'read_setup' },
      { to: '/calendars', label: 'calendars.title', icon: IconCalendarTime, needs: 'read_setup' },
      { to: '/sounds', label: 'sounds.title', icon: IconMusic, needs: 'read_setup' },
      { to: '/numbers', label: 'numbers.place', icon: IconNumbers, needs: 'read_setup' },
      { to: '/caller-lists', label: 'callers.place', icon: IconAddressBook, needs: 'read_setup' },
      { to: '/skills', label: 'skills.title', icon: IconStar, needs: 'read_setup' },
      { to: '/limits', label: 'limits.title', icon: IconGauge, needs: 'read_setup' },
    ],
  },
  {
    heading: 'bar.sections.people',
    places: [
      { to: '/people', label: 'people.title', icon: IconUsers, needs: 'manage_users' },
      { to: '/keys', label: 'keys.title', icon: IconKey, needs: 'own_keys' },
      { to: '/audit', label: 'audit.title', icon: IconHistory, needs: 'read_audit' },
      { to: '/invariants', label: 'invariants.title', icon: IconShieldCheck, needs: 'read_health' },
      { to: '/account', label: 'account.title', icon: IconUserCircle, needs: 'own_session' },
    ],
  },
];

/** What of it this user may see; sections without a place are left out. */
export function sectionsFor(user: Pick<User, 'permissions'>): Section[] {
  return SECTIONS.map(({ heading, places }) => ({
    heading,
    places: places.filter(({ needs }) => user.permissions.includes(needs)),
  })).filter(({ places }) => places.length > 0);
}
