import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { User } from '../api/shapes';
import { sectionsFor } from './navigation';
import classes from './SideBar.module.css';

/** The way to every place this user may see. */
export function SideBar({ user }: { user: User }) {
  const { t } = useTranslation();
  return (
    <nav aria-label={t('bar.navigation')} className={classes.side}>
      {sectionsFor(user).map(({ heading, places }) => (
        <section key={heading} className={classes.section}>
          <h2 className={classes.heading}>{t(heading)}</h2>
          <ul className={classes.places}>
            {places.map(({ to, label, icon: Icon }) => (
              <li key={to}>
                <Link
                  to={to}
                  className={classes.link}
                  title={t(label)}
                  activeOptions={{ exact: to === '/' }}
                  activeProps={{ className: classes.active ?? '' }}
                >
                  <Icon size={18} stroke={1.6} aria-hidden />
                  <span>{t(label)}</span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
