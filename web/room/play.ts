/**
 * Plays a picture as it is set. A browser that refuses the sound until it is asked for by a touch plays without it, and that is told:
 * the sound button is the touch it waits for.
 */
export async function play(
  element: Pick<HTMLMediaElement, 'play' | 'muted'>,
  onSoundRefused?: () => void,
): Promise<void> {
  try {
    await element.play();
  } catch (error) {
    if ((error as Error).name !== 'NotAllowedError' || element.muted) return; // Another picture took its place meanwhile.
    element.muted = true;
    onSoundRefused?.();
    await element.play().catch(() => undefined);
  }
}
