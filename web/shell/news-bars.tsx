import { useEffect } from 'preact/hooks';
import type { OrderSummary } from '../../shared/protocol/order.ts';
import { Button } from '../design/button.tsx';
import { Countdown, useTimeLeft } from '../design/countdown.tsx';
import { OverBar } from '../design/over-bar.tsx';
import { fanClubTexts } from '../fan-club/fan-club.messages.ts';
import { giveawayTexts } from '../giveaway/giveaway.messages.ts';
import { prizeText } from '../giveaway/prize-text.ts';
import { count, dayAndTime } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { localized } from '../room/offers.ts';
import { navigate, usePlace } from '../router/router.tsx';
import { session } from '../session/session.ts';
import { useSelected, useStore } from '../state/store.ts';
import { dismissNews, followNews, news, unpaidShownIn, type News } from './news.ts';
import { shellTexts } from './shell.messages.ts';

/**
 * A prize can be claimed for days, points go by the day, and units are held for minutes: all are said on whatever page one is, and
 * stay until put away.
 */
export function NewsBars() {
  const accountId = useSelected(session, (now) => (now?.person.kind === 'account' ? now.person.personId : null));
  const known = useStore(news);
  const { path } = usePlace();
  const shownRoomId = useStore(unpaidShownIn);
  const told = known.filter((one) => !isAt(path, shownRoomId, one));
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

/** Whether the page shows itself what the news is about. */
function isAt(path: string, shownRoomId: string | null, told: News): boolean {
  if (told.what === 'decaying') return false;
  if (path === '/orders') return true;
  return told.what === 'unpaid' && (path === `/orders/${told.order.orderId}` || told.order.roomId === shownRoomId);
}

function NewsBar({ told }: { told: News }) {
  const win = useMessages(giveawayTexts);
  const club = useMessages(fanClubTexts);
  const putAway = () => dismissNews(told.id);
  if (told.what === 'unpaid') return <UnpaidNews order={told.order} waited={told.waited} onClose={putAway} />;
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

function UnpaidNews({ order, waited, onClose }: { order: OrderSummary; waited: boolean; onClose: () => void }) {
  const t = useMessages(shellTexts);
  const lang = useStore(language);
  const { orderId, payByMs, lines } = order;
  if (useTimeLeft(payByMs) === 0) return null;
  const title = lines[0] ? localized(lines[0].title, lang) : '';
  return (
    <OverBar
      icon="bag"
      onClose={onClose}
      act={
        <Button size="small" kind="primary" onClick={() => navigate(`/orders/${orderId}`)}>
          {t.pay}
        </Button>
      }
    >
      {waited ? t.served(title) : t.unpaid(title)} <Countdown untilMs={payByMs} />
    </OverBar>
  );
}
