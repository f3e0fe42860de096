import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { CoHostDoor } from '../co-host/co-host-door.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { keepDark } from '../design/theme.ts';
import { useMessages } from '../i18n/messages.ts';
import type { Room } from '../../shared/protocol/room.ts';
import { useCarriedCart } from '../sale/use-carried-cart.ts';
import { Failure } from '../shell/failure.tsx';
import { Link } from '../router/router.tsx';
import { Main } from '../shell/main.tsx';
import { useTitle } from '../shell/page.tsx';
import { shellTexts } from '../shell/shell.messages.ts';
import { online } from '../state/online.ts';
import { useStore } from '../state/store.ts';
import { useMedia } from '../state/use-media.ts';
import { ConnectionBar } from './connection-bar.tsx';
import { DeskRoom } from './desk-room.tsx';
import { FansDoor } from './fans-door.tsx';
import { PhoneRoom } from './phone-room.tsx';
import { Removed } from './removed.tsx';
import { InRoom, useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';
import type { RoomSession } from './room-session.ts';
import { useDraft, type Draft } from './use-draft.ts';
import { usePanels, type Panels } from './use-panels.ts';
import { usePicture, usePictureChoice, type PictureChoice } from './use-picture.ts';
import { useRoomSession } from './use-room-session.ts';
import './room.css';

/** The live room of a viewer, in the dark. */
export function RoomPage({ params: { roomId = '' } }: { params: Record<string, string> }) {
  const choice = usePictureChoice();
  useLayoutEffect(keepDark, []);
  return <Visit key={roomId} roomId={roomId} choice={choice} />;
}

/** One room from entering to leaving: what is open over it, or is being written, belongs to it alone. */
function Visit({ roomId, choice }: { roomId: string; choice: PictureChoice }) {
  const { session, error, again, tries } = useRoomSession(roomId);
  const panels = usePanels(session?.myId);
  const draft = useDraft();
  useCarriedCart(session);
  return (
    <div class="live">
      {error !== null && (
        <Main>
          <Failure error={error} onAgain={again} />
        </Main>
      )}
      {!session && error === null && <Entering />}
      {session && (
        <InRoom value={session}>
          <Inside session={session} panels={panels} draft={draft} choice={choice} tries={tries} onAgain={again} />
        </InRoom>
      )}
    </div>
  );
}

type KeptProps = { panels: Panels; draft: Draft; choice: PictureChoice };
type InsideProps = KeptProps & { session: RoomSession; tries: number; onAgain: () => void };

function Inside({ session, tries, onAgain, ...kept }: InsideProps) {
  const phase = useStore(session.phase);
  const room = useStore(session.room);
  useTitle(room?.title ?? '');
  if (phase.phase === 'failed')
    return (
      <Main>
        <Failure error={phase.error} onAgain={onAgain} />
      </Main>
    );
  if (phase.phase === 'removed' && isForFans(phase.reason))
    return (
      <Main>
        <FansDoor roomId={session.roomId} onEnter={onAgain} />
      </Main>
    );
  if (phase.phase === 'removed')
    return (
      <Main>
        <Removed reason={phase.reason} untilMs={phase.untilMs} why={phase.why} tries={tries} onAgain={onAgain} />
      </Main>
    );
  if (!room) return <Entering bar={<ConnectionBar />} />;
  return <InLayout room={room} {...kept} />;
}

function InLayout({ choice, ...kept }: KeptProps & { room: Room }) {
  const [own, setOwn] = useState<MediaStream | null>(null);
  const picture = usePicture(useRoom(), choice, own);
  const Layout = useMedia('(min-width: 1024px)') ? DeskRoom : PhoneRoom;
  return (
    <>
      <Layout {...kept} picture={picture} />
      {/* Whoever joins hears the host: they are about to speak with each other. */}
      <CoHostDoor room={kept.room} onOwnPicture={setOwn} onJoin={() => choice.setMuted(false)} />
    </>
  );
}

const isForFans = (reason: string): boolean => reason === 'fans-only' || reason === 'not_member';

/** `bar`: why it takes long, when that is known; there is a way out then, too. */
function Entering({ bar }: { bar?: ComponentChildren }) {
  const t = useMessages(roomTexts);
  const shell = useMessages(shellTexts);
  const isOnline = useStore(online);
  return (
    <Main class="entering" aria-busy="true" aria-label={t.connecting}>
      {bar}
      {!isOnline && (
        <Link to="/" class="button button--plain button--normal">
          {shell.home}
        </Link>
      )}
      <Skeleton width={180} height={44} />
      <span class="grow" />
      <Skeleton width="60%" height={20} />
      <Skeleton width="45%" height={20} />
      <Skeleton height={80} />
      <Skeleton height={44} />
    </Main>
  );
}
