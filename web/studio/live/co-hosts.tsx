import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { CoHost, MediaKind } from '../../../shared/protocol/media.ts';
import { Badge } from '../../design/badge.tsx';
import { Button, IconButton } from '../../design/button.tsx';
import { Countdown, useTimeLeft } from '../../design/countdown.tsx';
import { toast } from '../../design/toast.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useIsListed } from '../../room/use-is-listed.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { useStore } from '../../state/store.ts';
import { studioTexts } from '../studio.messages.ts';
import type { Role } from './use-role.ts';

type Props = {
  role: Role | null;
  /** Whether the show has not begun: nobody's picture arrives then, whoever sends one. */
  isEarly: boolean;
  /** Whose picture arrives. */
  seen: readonly string[];
};

/** Who else is on camera, or is asked to be, and what can be done about it. */
export function CoHostsList({ role, isEarly, seen }: Props) {
  const t = useMessages(studioTexts);
  const { coHosts } = useStore(useRoom().coHosting);
  useToldOfRefusals();
  if (coHosts.length === 0) return null;
  return (
    <ul class="co-hosts" aria-label={t.coHosts}>
      {coHosts.map((coHost) =>
        coHost.untilMs === null ? (
          <Accepted key={coHost.personId} coHost={coHost} mayAct={role !== null}>
            {seen.includes(coHost.personId) ? (
              <Seen personId={coHost.personId} />
            ) : (
              <span class="quiet small">{isEarly ? t.coHostEarly : t.coHostNotSeen}</span>
            )}
          </Accepted>
        ) : (
          <Invited key={coHost.personId} coHost={coHost} untilMs={coHost.untilMs} mayAct={role !== null} />
        ),
      )}
    </ul>
  );
}

function Seen({ personId }: { personId: string }) {
  const t = useMessages(studioTexts);
  const isLosing = useIsListed('losing', personId);
  return <Badge tone={isLosing ? 'bad' : 'good'}>{isLosing ? t.coHostLoses : t.coHostSeen}</Badge>;
}

/** Whoever waits for an answer hears it. An acceptance is seen. */
function useToldOfRefusals(): void {
  const t = useMessages(studioTexts);
  const { coHosting } = useRoom();
  const texts = useRef(t);
  texts.current = t;
  useEffect(() => {
    let before = coHosting.get().coHosts;
    return coHosting.subscribe(() => {
      const { coHosts, declined } = coHosting.get();
      // Who has declined stands in the list of before alone.
      const refusing = before.find(({ personId }) => personId === declined);
      before = coHosts;
      if (refusing) toast(texts.current.coHostDeclined(refusing.name));
    });
  }, [coHosting]);
}

type OneProps = { coHost: CoHost; mayAct: boolean };

function Invited({ coHost: { personId, name }, untilMs, mayAct }: OneProps & { untilMs: number }) {
  const t = useMessages(studioTexts);
  const { ask, roomId } = useRoom();
  const hasEnded = useTimeLeft(untilMs) === 0;
  const wasOpen = useRef(!hasEnded);
  useEffect(() => {
    if (hasEnded && wasOpen.current) toast(t.coHostSilent(name));
    wasOpen.current = !hasEnded;
  }, [hasEnded]);
  if (hasEnded) return null;
  const takeBack = () => void ask('media:kick', { roomId, personId }).catch(complain);
  return (
    <li class="row">
      <span class="grow co-hosts__who">
        <strong class="user-text one-line">{name}</strong>
        <span class="quiet small">
          {t.coHostInvited} <Countdown untilMs={untilMs} />
        </span>
      </span>
      {mayAct && (
        <Button size="small" aria-label={`${t.takeBack}: ${name}`} onClick={takeBack}>
          {t.takeBack}
        </Button>
      )}
    </li>
  );
}

function Accepted({ coHost: { personId, name, muted }, mayAct, children }: OneProps & { children: ComponentChildren }) {
  const t = useMessages(studioTexts);
  const { ask, roomId } = useRoom();
  const [isSilent, isHidden] = [muted.includes('audio'), muted.includes('video')];
  const mute = (kind: MediaKind, isMuted: boolean) =>
    void ask('media:mute', { roomId, personId, kind, muted: isMuted }).catch(complain);
  const putOut = () => void ask('media:kick', { roomId, personId }).catch(complain);
  return (
    <li class="row">
      <span class="grow co-hosts__who">
        <strong class="user-text one-line">{name}</strong>
        {children}
      </span>
      <IconButton
        icon={isSilent ? 'micOff' : 'mic'}
        label={isSilent ? t.unmuteOf(name) : t.muteOf(name)}
        aria-pressed={isSilent}
        onClick={() => mute('audio', !isSilent)}
      />
      <IconButton
        icon={isHidden ? 'cameraOff' : 'camera'}
        label={isHidden ? t.showOf(name) : t.hideOf(name)}
        aria-pressed={isHidden}
        onClick={() => mute('video', !isHidden)}
      />
      {mayAct && <IconButton icon="close" label={t.putOutOf(name)} onClick={putOut} />}
    </li>
  );
}
