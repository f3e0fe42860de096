import type { Offer } from '../../shared/protocol/offer.ts';
import { Badge } from '../design/badge.tsx';
import { useMessages } from '../i18n/messages.ts';
import { saleTexts } from './sale.messages.ts';

/** Whom an offer is for, where it is not for everybody from the first moment. */
export function AudienceBadge({ offer: { audience, state } }: { offer: Offer }) {
  const t = useMessages(saleTexts);
  switch (audience.who) {
    case 'followers':
      return <Badge tone="accent">{t.forFollowers}</Badge>;
    case 'fans':
      return <Badge tone="gold">{t.forFans(audience.levelMin)}</Badge>;
    case 'right':
      return <Badge tone="accent">{t.forWinners}</Badge>;
    case 'all':
      // Once it is open a line of its own says whose turn it is.
      return audience.early && state === 'announced' ? (
        <Badge tone="gold">{t.fansEarlier(audience.early.levelMin, audience.early.seconds)}</Badge>
      ) : null;
  }
}
