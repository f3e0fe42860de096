import { useEffect } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { OverBar } from '../design/over-bar.tsx';
import { fanClubTexts } from '../fan-club/fan-club.messages.ts';
import { giveawayTexts } from '../giveaway/giveaway.messages.ts';
import { prizeText } from '../giveaway/prize-text.ts';
import { count, dayAndTime } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { navigate, usePlace } from '../router/router.tsx';
import { session } from '../session/session.ts';
import { useSelected, useStore } from '../state/store.ts';
import { dismissNews, followNews, news, type News } from './news.ts';

/** A prize can be claimed for days, and points go by the day: both are said on whatever page one is, and stay until put away. */
export function NewsBars() {
  const accountId = useSelected(session, (now) => (now?.person.kind === 'account' ? now.person.personId : null));
  const known = useStore(news);
  const { path } = usePlace();
  // Under the orders the prize itself is there.
  const told = path === '/orders' ? known.filter(({ what }) => what !== 'won') : known;
  useEffect(() => {
    if (accountId) return followNews();
    return undefined;
  }, [accountId]);
  return (
    <>
      {told.map((one) => (
        <NewsBar key={one.id} told={one} />
      ))}
    </>
  );
}

function NewsBar({ told }: { told: News }) {
  const win = useMessages(giveawayTexts);
  const club = useMessages(fanClubTexts);
  const putAway = () => dismissNews(told.id);
  if (told.what === 'decaying') {
    const { hostName, points, decaysAtMs } = told.club;
    return (
      <OverBar tone="gold" icon="star" onClose={putAway}>
        {club.decaying(hostName, count(points), dayAndTime(decaysAtMs))}
      </OverBar>
    );
  }
  const see = () => navigate('/orders', { onLeft: putAway });
  return (
    <OverBar
      tone="gold"
      icon="gift"
      onClose={putAway}
      act={
        <Button size="small" kind="gold" onClick={see}>
          {win.seeIt}
        </Button>
      }
    >
      {win.wonNews(prizeText(told.award.prize, win))}
    </OverBar>
  );
}
