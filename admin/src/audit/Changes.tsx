import { useTranslation } from 'react-i18next';
import classes from './Audit.module.css';
import { type Difference, differences } from './differences';
import type { Entry } from './queries';

const SHOWN = 6;

/** Before and after, field by field; what would fill the page waits behind a click. */
export function Changes({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const found = differences(entry.before, entry.after);
  if (found.length === 0) return null;
  const rest = found.slice(SHOWN);
  return (
    <>
      <DifferenceTable found={found.slice(0, SHOWN)} />
      {rest.length > 0 && (
        <details className={classes.more}>
          <summary>{t('audit.moreFields', { count: rest.length })}</summary>
          <DifferenceTable found={rest} />
        </details>
      )}
    </>
  );
}

function DifferenceTable({ found }: { found: Difference[] }) {
  const { t } = useTranslation();
  return (
    <table className={classes.changes}>
      <tbody>
        {found.map(({ field, before, after }) => (
          <tr key={field}>
            <th scope="row">{field}</th>
            <td>
              {before !== null && (
                <del className={classes.before} aria-label={`${t('audit.before')}: ${before}`}>
                  {before}
                </del>
              )}{' '}
              {after !== null && (
                <ins className={classes.after} aria-label={`${t('audit.after')}: ${after}`}>
                  {after}
                </ins>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
