import { useEffect, useRef, useState } from 'preact/hooks';
import type { MediaState } from '../../shared/client/media-session.ts';
import { createPlayer, type Played, type Player } from '../../shared/client/player.ts';
import type { Unplayable } from '../../shared/protocol/media.ts';
import { isGoingOn } from '../../shared/room-state.ts';
import { useStore } from '../state/store.ts';
import type { RoomSession } from './room-session.ts';

/** One publisher's picture and sound. */
export type Shown = { publisherId: string; stream: MediaStream; isOwn: boolean };

/** What is to be seen and heard in this room. */
export type Picture = {
  state: MediaState['state'] | 'off';
  /** It is over because this page is older than the server. */
  needsReload: boolean;
  /** Name of the codec of a picture that this browser can't show. */
  unknownCodec: string | null;
  /** The host first, then co-hosts. */
  shown: readonly Shown[];
  muted: boolean;
  setMuted: (muted: boolean) => void;
  /** Layers of the picture, lowest first; 1 when there is nothing to choose. */
  layers: number;
  chosenLayer: number | null;
  chooseLayer: (layer: number | null) => void;
  /** Asks for the picture anew, after it was over for this person. */
  again: () => void;
};

export type PictureChoice = ReturnType<typeof usePictureChoice>;

/** How one wants to see and hear. Kept above the visits to rooms: whoever turned the sound off has turned it off. */
export function usePictureChoice() {
  // Browsers play sound only after the person has touched the page; whoever came from our home page has.
  const [muted, setMuted] = useState(!hasBeenTouched());
  const [chosenLayer, setChosenLayer] = useState<number | null>(null);
  return { muted, setMuted, chosenLayer, setChosenLayer };
}

/**
 * Follows the streams of the room while the show is on. The player and its library come when they are needed.
 *
 * @param own what this page sends itself: it is shown as it is here, and what comes back of it from the server is not, late as it is,
 *   and heard twice.
 */
export function usePicture(
  { room, roomId, client, myId }: RoomSession,
  choice: PictureChoice,
  own: MediaStream | null = null,
): Picture {
  const { muted, setMuted, chosenLayer, setChosenLayer } = choice;
  const current = useStore(room);
  const isOn = current !== null && isGoingOn(current);
  const hostId = current?.hostId;
  const player = useRef<Player>(undefined);
  const [state, setState] = useState<MediaState | null>(null);
  const [shown, setShown] = useState<readonly Shown[]>([]);
  const [round, setRound] = useState(0);
  const [layers, setLayers] = useState(1);
  const [unknownCodec, setUnknownCodec] = useState<string | null>(null);

  useEffect(() => {
    if (!isOn) return;
    const created = createPlayer({ client, roomId });
    player.current = created;
    if (chosenLayer !== null) created.chooseLayer(chosenLayer);
    created.on('state', setState);
    created.on('played', (played) => setShown((before) => streamsOf(played, before, hostId)));
    created.on('layers', setLayers);
    created.on('unplayable', (streams) => setUnknownCodec(codecOf(streams)));
    return () => {
      created.close();
      player.current = undefined;
      setState(null);
      setShown([]);
      setUnknownCodec(null);
    };
  }, [isOn, roomId, client, round]);

  const isSending = own !== null;
  useEffect(() => player.current?.leaveOut(isSending ? [myId] : []), [isSending, myId, isOn, roomId, client, round]);

  const chooseLayer = (layer: number | null) => {
    setChosenLayer(layer);
    player.current?.chooseLayer(layer);
  };
  const again = () => setRound((before) => before + 1);
  const needsReload = state?.state === 'over' && state.code === 'UPGRADE_REQUIRED';
  return {
    state: state?.state ?? 'off',
    needsReload,
    unknownCodec,
    shown: withOwn(shown, own, myId, hostId),
    muted,
    setMuted,
    layers,
    chosenLayer,
    chooseLayer,
    again,
  };
}

/** As people know it: `H264`. */
const codecOf = (streams: readonly Unplayable[]): string | null =>
  streams.find(({ kind }) => kind === 'video')?.mimeType.replace(/^video\//, '') ?? null;

/** Browsers of before 2024 do not tell. */
const hasBeenTouched = (): boolean => (navigator as Partial<Navigator>).userActivation?.hasBeenActive ?? false;

/** A stream that still has the same tracks stays the same object: the video element then plays on without a flicker. */
function streamsOf(played: readonly Played[], before: readonly Shown[], hostId: string | undefined): Shown[] {
  const streams = played.map(({ publisherId, tracks }) => {
    const old = before.find((one) => one.publisherId === publisherId);
    const isSame = old && sameTracks(old.stream.getTracks(), tracks);
    return { publisherId, stream: isSame ? old.stream : new MediaStream(tracks), isOwn: false };
  });
  return hostFirst(streams, hostId);
}

function withOwn(
  shown: readonly Shown[],
  own: MediaStream | null,
  myId: string,
  hostId: string | undefined,
): readonly Shown[] {
  if (!own) return shown;
  const others = shown.filter(({ publisherId }) => publisherId !== myId);
  return hostFirst([...others, { publisherId: myId, stream: own, isOwn: true }], hostId);
}

const hostFirst = (streams: Shown[], hostId: string | undefined): Shown[] =>
  streams.sort((a, b) => Number(b.publisherId === hostId) - Number(a.publisherId === hostId));

const sameTracks = (a: readonly MediaStreamTrack[], b: readonly MediaStreamTrack[]): boolean =>
  a.length === b.length && a.every((track) => b.includes(track));
