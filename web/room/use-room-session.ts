import { useEffect, useRef, useState } from 'preact/hooks';
import { session as account } from '../session/session.ts';
import { useSelected } from '../state/store.ts';
import { enterRoom } from './enter-room.ts';
import type { RoomSession } from './room-session.ts';

/** Enters the room of the address, and leaves it with the page; enters again as somebody else when the person changes. */
export function useRoomSession(roomId: string) {
  const personId = useSelected(account, (current) => current?.person.personId ?? null);
  const [session, setSession] = useState<RoomSession | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const [tries, setTries] = useState(0);
  const knownAs = useRef(personId);
  useEffect(() => {
    // Nobody becomes a guest by entering, which is no change; anybody else has to enter anew.
    if (knownAs.current !== null && knownAs.current !== personId) setRound((before) => before + 1);
    knownAs.current = personId;
  }, [personId]);
  useEffect(() => {
    let isLeft = false;
    let entered: RoomSession | null = null;
    setSession(null);
    setError(null);
    enterRoom(roomId).then(
      (room) => {
        entered = room;
        if (isLeft) return room.close();
        setSession(room);
        room.phase.subscribe(() => room.phase.get().phase === 'in' && setTries(0));
      },
      (refusal: unknown) => !isLeft && setError(refusal),
    );
    return () => {
      isLeft = true;
      entered?.close();
    };
  }, [roomId, round]);
  const again = () => {
    setTries(tries + 1);
    setRound(round + 1);
  };
  return { session, error, again, tries };
}
