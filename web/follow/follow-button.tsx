import { useEffect } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { messages, useMessages } from '../i18n/messages.ts';
import { complain } from '../session/complain.ts';
import { session } from '../session/session.ts';
import { needAccount } from '../session/sign-in-sheet.tsx';
import { useSelected, useStore } from '../state/store.ts';
import { follows, readFollow, setFollow } from './follows.ts';

type Props = {
  hostId: string;
  size?: 'small' | 'normal';
  /** `plain`: something else on the page is to be pressed first. */
  kind?: 'primary' | 'plain';
  onChanged?: () => void;
};

/** Follows a host, or stops. All buttons of a page tell the same. */
export function FollowButton({ hostId, size = 'small', kind = 'primary', onChanged }: Props) {
  const t = useMessages(texts);
  const myId = useSelected(session, (now) => now?.person.personId ?? null);
  const isFollowed = useStore(follows)?.has(hostId) ?? false;
  useEffect(() => {
    if (myId) void readFollow(hostId);
  }, [hostId, myId]);
  if (myId === hostId) return null;

  const press = async () => {
    if (!(await needAccount())) return;
    await setFollow(hostId, !isFollowed).then(onChanged, complain);
  };
  return (
    <Button size={size} kind={isFollowed ? 'plain' : kind} aria-pressed={isFollowed} onClick={() => void press()}>
      {isFollowed ? t.following : t.follow}
    </Button>
  );
}

const texts = messages({ follow: 'Follow', following: 'Following' }, { follow: '关注', following: '已关注' });
