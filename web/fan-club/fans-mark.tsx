import type { Room } from '../../shared/protocol/room.ts';
import { Badge } from '../design/badge.tsx';
import { messages, useMessages } from '../i18n/messages.ts';

/** Says of a show that it is for members of the fan club; of others nothing. */
export function FansMark({ room: { kind, openTo } }: { room: Pick<Room, 'kind' | 'openTo'> }) {
  const t = useMessages(texts);
  return kind === 'show' && openTo === 'fans' ? <Badge tone="gold">{t.fansOnly}</Badge> : null;
}

const texts = messages({ fansOnly: 'Fans only' }, { fansOnly: '粉丝专场' });
