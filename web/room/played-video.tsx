import { useLayoutEffect, useRef } from 'preact/hooks';
import { play } from './play.ts';

type Props = {
  stream: MediaStream;
  muted: boolean;
  /** One's own picture, as in a mirror. */
  isMirrored?: boolean;
  onSoundRefused?: (() => void) | undefined;
};

/** An upright picture fills its place, a wide one is shown whole. */
export function PlayedVideo({ stream, muted, isMirrored = false, onSoundRefused }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  useLayoutEffect(() => {
    const element = video.current!;
    element.srcObject = stream;
    return () => void (element.srcObject = null);
  }, [stream]);
  // Before the page is drawn: for Safari, what is asked for later is not the work of the touch that asked for the sound.
  useLayoutEffect(() => void play(video.current!, onSoundRefused), [stream, muted]);
  const fit = () => {
    const element = video.current!;
    element.classList.toggle('stage__video--upright', element.videoHeight > element.videoWidth);
  };
  return (
    <video
      ref={video}
      class={isMirrored ? 'stage__video stage__video--mirrored' : 'stage__video'}
      autoplay
      playsInline
      muted={muted}
      onResize={fit}
      onLoadedMetadata={fit}
    />
  );
}
