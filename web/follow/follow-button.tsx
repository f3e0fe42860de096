import { useEffect, useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { messages, useMessages } from '../i18n/messages.ts';
import { ask } from '../session/connection.ts';
import { complain } from '../session/complain.ts';
import { session } from '../session/session.ts';
import { needAccount } from '../session/sign-in-sheet.tsx';
import { useStore } from '../state/store.ts';

type Props = { hostId: string; size?: 'small' | 'normal'; onChanged?: () => void };

/** Follows a host, or stops. Shown as done at once; put back when the server says no. */
export function FollowButton({ hostId, size = 'small', onChanged }: Props) {
  const t = useMessages(texts);
  const me = useStore(session)?.person ?? null;
  const [follows, setFollows] = useState<boolean | null>(null);
  useEffect(() => {
    if (!me) return;
    ask('follow:host', { hostId }).then(
      ({ sinceMs }) => setFollows(sinceMs !== null),
      () => setFollows(null),
    );
  }, [hostId, me?.personId]);
  if (me?.personId === hostId) return null;

  const press = async () => {
    if (!(await needAccount())) return;
    const wanted = !follows;
    setFollows(wanted);
    try {
      await ask(wanted ? 'follow:start' : 'follow:stop', { hostId });
      onChanged?.();
    } catch (error) {
      setFollows(!wanted);
      complain(error);
    }
  };
  return (
    <Button
      size={size}
      kind={follows ? 'plain' : 'primary'}
      aria-pressed={follows === true}
      onClick={() => void press()}
    >
      {follows ? t.following : t.follow}
    </Button>
  );
}

const texts = messages({ follow: 'Follow', following: 'Following' }, { follow: '关注', following: '已关注' });
