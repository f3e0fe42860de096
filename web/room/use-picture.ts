import { useState } from 'preact/hooks';
import { useStore } from '../state/store.ts';
import type { RoomSession } from './room-session.ts';

export type PictureState = 'waiting' | 'preparing' | 'playing' | 'reconnecting';

/** The host's picture and sound in this room. */
export type Picture = {
  state: PictureState;
  stream: MediaStream | null;
  muted: boolean;
  setMuted: (muted: boolean) => void;
  /** Layers of the picture, lowest first; empty when there is nothing to choose. */
  layers: number;
  chosenLayer: number | null;
  chooseLayer: (layer: number | null) => void;
};

/** Follows the stream of the room while the show is on. */
export function usePicture({ room }: RoomSession): Picture {
  const isOn = useStore(room)?.state === 'live';
  const [stream] = useState<MediaStream | null>(null);
  const [muted, setMuted] = useState(true);
  const [chosenLayer, chooseLayer] = useState<number | null>(null);
  const state: PictureState = isOn ? 'waiting' : 'waiting';
  return { state, stream, muted, setMuted, layers: 0, chosenLayer, chooseLayer };
}
