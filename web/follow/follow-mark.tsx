import { useEffect } from 'preact/hooks';
import { IconButton } from '../design/button.tsx';
import { messages, useMessages } from '../i18n/messages.ts';
import { complain } from '../session/complain.ts';
import { session } from '../session/session.ts';
import { needAccount } from '../session/sign-in-sheet.tsx';
import { useSelected, useStore } from '../state/store.ts';
import { follows, readFollows, setFollow } from './follows.ts';

/** Follows the host of a card, or stops. Guests follow nobody, so nothing is asked for them. */
export function FollowMark({ hostId, hostName }: { hostId: string; hostName: string }) {
  const t = useMessages(texts);
  const accountId = useSelected(session, (now) => (now?.person.kind === 'account' ? now.person.personId : null));
  const isFollowed = useStore(follows)?.has(hostId) ?? false;
  useEffect(() => {
    if (accountId) void readFollows(accountId);
  }, [accountId]);
  if (accountId === hostId) return null;
  const press = async () => {
    if (!(await needAccount())) return;
    await setFollow(hostId, !isFollowed).catch(complain);
  };
  return (
    <IconButton
      kind="glass"
      icon={isFollowed ? 'check' : 'plus'}
      label={isFollowed ? t.following(hostName) : t.follow(hostName)}
      aria-pressed={isFollowed}
      onClick={() => void press()}
    />
  );
}

const texts = messages(
  { follow: (name: string) => `Follow ${name}`, following: (name: string) => `Following ${name}` },
  { follow: (name: string) => `关注 ${name}`, following: (name: string) => `已关注 ${name}` },
);
