import { Button } from '../../design/button.tsx';
import { Problem } from '../../design/problem.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { useStore } from '../../state/store.ts';
import { studioTexts } from '../studio.messages.ts';

/** A host whom a helper has muted would go on talking to nobody. */
export function HostMuted({ hostId }: { hostId: string }) {
  const t = useMessages(studioTexts);
  const { ask, roomId, coHosting } = useRoom();
  const { hostMuted } = useStore(coHosting);
  return (
    <>
      {hostMuted.map((kind) => (
        <div key={kind} class="stack">
          <Problem text={t.hostMuted[kind]} />
          <Button
            size="small"
            onClick={() => void ask('media:mute', { roomId, personId: hostId, kind, muted: false }).catch(complain)}
          >
            {t.hostUnmute[kind]}
          </Button>
        </div>
      ))}
    </>
  );
}
