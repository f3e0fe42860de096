import { Problem } from '../../design/problem.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useIsListed } from '../../room/use-is-listed.ts';
import { studioTexts } from '../studio.messages.ts';

/** A host sees their own picture whole, whatever of it is lost on the way: they would hear of it from viewers alone. */
export function HostLosing({ hostId }: { hostId: string }) {
  const t = useMessages(studioTexts);
  return <Problem text={useIsListed('losing', hostId) ? t.hostLoses : undefined} />;
}
