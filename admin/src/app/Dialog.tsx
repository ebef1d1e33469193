import { Modal, type ModalProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** What has to be answered first. Its close button has a name; a locked scroll bar would need a style tag (decision 0005). */
export function Dialog(props: ModalProps) {
  const { t } = useTranslation();
  return (
    <Modal
      lockScroll={false}
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': t('close') }}
      {...props}
    />
  );
}
