import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Escalation } from '../api/shapes';
import { ring } from './bell';
import { loadLiveKit } from './room';

const FLASH_MS = 1_000;

/** Rings for this escalation: by sound, in the title of the tab, and by a notification where that is allowed. */
export function useRinging(escalation: Escalation | null): void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const id = escalation?.id;
  const from = escalation?.from;
  const reason = escalation?.reason;

  useEffect(() => {
    if (!id) return;
    // The room is near: whoever accepts does not wait for the SDK.
    void loadLiveKit();
    return ring();
  }, [id]);

  useEffect(() => {
    if (!id) return;
    const ringing = t('desk.ringsTitle', { from: from ?? '' });
    // A page that is opened meanwhile writes its own title: it is kept for afterwards.
    let plain = document.title;
    document.title = ringing;
    const timer = setInterval(() => {
      if (document.title === ringing) {
        document.title = plain;
      } else {
        plain = document.title;
        document.title = ringing;
      }
    }, FLASH_MS);
    return () => {
      clearInterval(timer);
      if (document.title === ringing) document.title = plain;
    };
  }, [id, from, t]);

  useEffect(() => {
    if (!id || !('Notification' in window) || Notification.permission !== 'granted') return;
    const notification = new Notification(t('desk.ringsTitle', { from: from ?? '' }), {
      body: reason ?? '',
      tag: id,
      requireInteraction: true,
    });
    notification.onclick = () => {
      window.focus();
      notification.close();
      void navigate({ to: '/escalations' });
    };
    return () => {
      notification.close();
    };
  }, [id, from, reason, t, navigate]);
}
