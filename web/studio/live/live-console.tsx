import { useEffect, useState } from 'preact/hooks';
import { Skeleton } from '../../design/skeleton.tsx';
import { Failure } from '../../shell/failure.tsx';
import { useStore } from '../../state/store.ts';
import { ConnectionBar } from '../../room/connection-bar.tsx';
import { Removed } from '../../room/removed.tsx';
import { InRoom } from '../../room/room-context.ts';
import type { RoomSession } from '../../room/room-session.ts';
import { useRoomSession } from '../../room/use-room-session.ts';
import { FlashSaleForm } from './flash-sale-form.tsx';
import { ModeratedChat } from './moderated-chat.tsx';
import { NumbersStrip } from './numbers-strip.tsx';
import { onAirRoom } from './on-air-room.ts';
import { OnAir } from './on-air.tsx';
import { RunningOrder } from './running-order.tsx';
import { ShowHead } from './show-head.tsx';
import { useShowNumbers } from '../numbers/use-show-numbers.ts';
import { useOnAir } from '../../on-air/use-on-air.ts';
import { mayRun, useRole } from './use-role.ts';
import { isOver } from '../../../shared/room-state.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import './live-console.css';

/** One show as its host runs it: what is sent, what is sold, what people say, and what it brings, on one screen. */
export function LiveConsole({ roomId }: { roomId: string }) {
  const { session, error, again, tries } = useRoomSession(roomId);
  if (error !== null) return <Failure error={error} onAgain={again} />;
  if (!session) return <Skeleton height={480} />;
  return (
    <InRoom value={session}>
      <Console session={session} tries={tries} onAgain={again} />
    </InRoom>
  );
}

type ConsoleProps = { session: RoomSession; tries: number; onAgain: () => void };

function Console({ session, tries, onAgain }: ConsoleProps) {
  const room = useStore(session.room);
  const phase = useStore(session.phase);
  const onAir = useOnAir();
  const role = useRole();
  const { numbers } = useShowNumbers(session.roomId, room?.endedAtMs === null);
  const products = numbers.state === 'ready' ? numbers.value.products : [];
  const [flashed, setFlashed] = useState<Offer | null>(null);
  const hasEnded = room !== null && isOver(room);
  useEffect(() => {
    if (!onAir.isSending) return;
    onAirRoom.set(session.roomId);
    return () => onAirRoom.set(null);
  }, [onAir.isSending]);
  useEffect(() => {
    if (hasEnded) onAir.stop(); // Whoever ended it, and wherever: nobody is filmed after the show.
  }, [hasEnded]);
  if (phase.phase === 'failed') return <Failure error={phase.error} onAgain={onAgain} />;
  if (phase.phase === 'removed')
    return <Removed reason={phase.reason} untilMs={phase.untilMs} why={phase.why} tries={tries} onAgain={onAgain} />;
  if (!room)
    return (
      <>
        <ConnectionBar />
        <Skeleton height={480} />
      </>
    );
  return (
    <div class="console">
      <ConnectionBar />
      <ShowHead room={room} role={role} onStart={onAir.send} />
      <div class="console__parts">
        <OnAir room={room} role={role} onAir={onAir} />
        <RunningOrder
          room={room}
          runs={mayRun(role)}
          mayAdd={role === 'host'}
          products={products}
          onFlash={setFlashed}
        />
        <ModeratedChat room={room} role={role} />
      </div>
      <NumbersStrip numbers={numbers} />
      {flashed && <FlashSaleForm of={flashed} onClose={() => setFlashed(null)} />}
    </div>
  );
}
