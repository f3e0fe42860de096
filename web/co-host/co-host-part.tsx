import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { CoHost } from '../../shared/protocol/media.ts';
import type { Room } from '../../shared/protocol/room.ts';
import { toast } from '../design/toast.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useOnAir } from '../on-air/use-on-air.ts';
import { useRoom } from '../room/room-context.ts';
import { complain } from '../session/complain.ts';
import { focusMain } from '../shell/main.tsx';
import { useFocusStays } from '../state/use-focus-place.ts';
import { coHostTexts } from './co-host.messages.ts';
import { Invitation } from './invitation.tsx';
import { JoinSheet } from './join-sheet.tsx';
import { OnCamera } from './on-camera.tsx';
import './co-host.css';

type Props = {
  mine: CoHost;
  room: Room;
  onOwnPicture: (own: MediaStream | null) => void;
  /** Called by the press with which one goes on the air. */
  onJoin: () => void;
  /** Called before one leaves by oneself. */
  onLeave: () => void;
};

/** What a viewer has in hand who is invited to be on camera, or is: the question, a look at oneself before, and the way off again. */
export function CoHostPart({ mine, room, onOwnPicture, onJoin, onLeave }: Props) {
  const t = useMessages(coHostTexts);
  const { ask, roomId } = useRoom();
  const onAir = useOnAir();
  const { preview, isSending, sending } = onAir;
  const [isOpen, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const isOver = sending?.state === 'over';
  const place = useFocusStays<HTMLDivElement>();
  useLayoutEffect(() => {
    const bar = place.current!;
    return () => {
      if (bar.contains(document.activeElement)) focusMain(); // All of it goes, as for who is put out: there is no button left.
    };
  }, []);
  useEffect(() => {
    onOwnPicture(isSending ? preview : null);
    return () => onOwnPicture(null);
  }, [isSending, preview]);
  useEffect(() => {
    if (isOver) onAir.release(); // Nothing on the page would show that one is still filmed.
  }, [isOver]);

  const run = (work: Promise<unknown>) => {
    setBusy(true);
    void work.catch(complain).finally(() => setBusy(false));
  };
  const look = () => {
    setOpen(true);
    void onAir.show('camera');
  };
  const close = () => {
    setOpen(false);
    if (!isSending) onAir.stop();
  };
  const join = async () => {
    onJoin(); // First: for the browser it has to be the work of the press itself.
    const { outcome } = await ask('media:accept', { roomId });
    setOpen(false);
    if (outcome === 'accepted') return onAir.send();
    onAir.stop();
    toast(t.tooLate);
  };
  const leave = async () => {
    onLeave();
    onAir.stop();
    await ask('media:decline', { roomId });
  };
  const isEarly = room.state === 'scheduled';
  const why = sending?.state === 'over' ? sending.reason : null;
  return (
    <div ref={place} class="co-host-part">
      {isSending ? (
        <OnCamera mine={mine} isEarly={isEarly} onAir={onAir} busy={busy} onLeave={() => run(leave())} />
      ) : (
        <Invitation
          mine={mine}
          hostName={room.hostName}
          why={why}
          busy={busy}
          onLook={look}
          onDecline={() => run(leave())}
        />
      )}
      {isOpen && !isSending && <JoinSheet onAir={onAir} busy={busy} onJoin={() => run(join())} onClose={close} />}
    </div>
  );
}
