import { useEffect, useRef, useState } from 'preact/hooks';
import { AppError } from '../../shared/errors.ts';
import type { CoHost, CoHosts } from '../../shared/protocol/media.ts';
import type { Room } from '../../shared/protocol/room.ts';
import { isOver } from '../../shared/room-state.ts';
import { toast } from '../design/toast.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { roomTexts } from '../room/room.messages.ts';
import { complain } from '../session/complain.ts';
import { useSelected } from '../state/store.ts';
import type { CoHostPart } from './co-host-part.tsx';

type Props = { room: Room; onOwnPicture: (own: MediaStream | null) => void; onJoin: () => void };

/** The way onto the air for a viewer who is invited. What it needs comes with the invitation: most viewers never get one. */
export function CoHostDoor({ room, onOwnPicture, onJoin }: Props) {
  const { coHosting, myId } = useRoom();
  const mine = useSelected(coHosting, ({ coHosts }: CoHosts) => coHosts.find(({ personId }) => personId === myId));
  const isWanted = mine !== undefined && !isOver(room);
  const [Part, setPart] = useState<typeof CoHostPart | null>(null);
  const onLeave = useToldWhenPutOut(mine);
  const isAway = useRef(false);
  useEffect(() => () => void (isAway.current = true), []);
  useEffect(() => {
    if (!isWanted || Part) return;
    import('./co-host-part.tsx').then(
      (loaded) => isAway.current || setPart(() => loaded.CoHostPart),
      () => complain(new AppError('UPGRADE_REQUIRED')), // After an update of the server its file is gone.
    );
  }, [isWanted]);
  return isWanted && Part ? (
    <Part mine={mine} room={room} onOwnPicture={onOwnPicture} onJoin={onJoin} onLeave={onLeave} />
  ) : null;
}

/** Says so when a co-host is one no more. Returns what to call before one leaves by oneself, which is no news. */
function useToldWhenPutOut(mine: CoHost | undefined): () => void {
  const t = useMessages(roomTexts);
  const wasOne = useRef(false);
  const isOne = mine?.untilMs === null;
  useEffect(() => {
    if (wasOne.current && !isOne) toast(t.noCoHost);
    wasOne.current = isOne;
  }, [isOne]);
  return () => void (wasOne.current = false);
}
