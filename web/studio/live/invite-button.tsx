import { Button } from '../../design/button.tsx';
import { toast } from '../../design/toast.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { serverNowMs } from '../../state/server-clock.ts';
import { useStore } from '../../state/store.ts';
import { studioTexts } from '../studio.messages.ts';

type Props = { personId: string; name: string; run: (work: Promise<unknown>) => void };

/** Asks somebody who spoke in the chat on camera. Whoever is there, or has an invitation that lasts, is not asked again. */
export function InviteButton({ personId, name, run }: Props) {
  const t = useMessages(studioTexts);
  const { ask, roomId, coHosting } = useRoom();
  const known = useStore(coHosting).coHosts.find((one) => one.personId === personId);
  if (known && (known.untilMs === null || known.untilMs > serverNowMs())) return null;
  const invite = async () => {
    const { outcome } = await ask('media:invite', { roomId, personId });
    if (outcome === 'full') toast(t.coHostsFull, 'bad');
    else toast(t.invitedOnCamera(name), 'good');
  };
  return (
    <Button size="small" icon="camera" onClick={() => run(invite())}>
      {t.inviteOnCamera}
    </Button>
  );
}
