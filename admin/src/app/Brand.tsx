import { useTranslation } from 'react-i18next';
import classes from './Brand.module.css';

export function Brand() {
  const { t } = useTranslation();
  return (
    <span className={classes.brand}>
      <img src="/assets/favicon.svg" alt="" width={26} height={26} />
      {t('product')}
    </span>
  );
}
