import { Icon } from '../design/icon.tsx';
import { useMessages } from '../i18n/messages.ts';
import { fanClubTexts } from './fan-club.messages.ts';

export function FanClubButton({ onOpen }: { onOpen: () => void }) {
  const t = useMessages(fanClubTexts);
  return (
    <button type="button" class="button button--gold button--small" onClick={onOpen}>
      <Icon name="star" sizePx={16} filled />
      <span class="button__text">{t.club}</span>
    </button>
  );
}
