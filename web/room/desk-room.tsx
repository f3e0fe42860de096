import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { isOver } from '../../shared/room-state.ts';
import { BagList } from '../sale/bag-list.tsx';
import { CartButton } from '../sale/cart-button.tsx';
import { PlannedList, usePlanned } from '../sale/planned-list.tsx';
import { PinnedCard } from '../sale/pinned-card.tsx';
import { saleTexts } from '../sale/sale.messages.ts';
import { GiveawayButton } from '../giveaway/giveaway-button.tsx';
import { FanClubButton } from '../fan-club/fan-club-button.tsx';
import { Main } from '../shell/main.tsx';
import { useStore } from '../state/store.ts';
import type { Room } from '../../shared/protocol/room.ts';
import { shellTexts } from '../shell/shell.messages.ts';
import { LanguageButton } from '../shell/top-bar.tsx';
import { ChatPanel } from './chat-panel.tsx';
import { Composer } from './composer.tsx';
import { ConnectionBar } from './connection-bar.tsx';
import { HostChip } from './host-chip.tsx';
import type { LayoutProps } from './layout-props.ts';
import { LikeButton } from './likes.tsx';
import { inBag } from './offers.ts';
import { useRoom } from './room-context.ts';
import { OpenPanel } from './open-panel.tsx';
import { Over } from './over.tsx';
import { PictureMenu } from './picture-menu.tsx';
import { PinnedMessage } from './pinned-message.tsx';
import { useAskAbout } from './use-ask-about.ts';
import { roomTexts } from './room.messages.ts';
import { ReportButton } from './report-button.tsx';
import { ShareButton } from './share-button.tsx';
import { Stage } from './stage.tsx';
import type { Panels } from './use-panels.ts';
import { UnpaidBar } from './unpaid-bar.tsx';
import { useShownOffers } from './use-shown-offers.ts';
import { WatchElsewhere } from './watch-elsewhere.tsx';

/** Cards above the list: what is pinned besides has its mark in the list. */
const cardsMax = 2;

/** The room on a desk: what is sold on the left, the whole picture in the middle, the talk on the right. */
export function DeskRoom({ room, panels, draft, picture }: LayoutProps) {
  return (
    <div class="desk">
      <ConnectionBar />
      <div class="desk-room">
        <SaleColumn room={room} panels={panels} />
        <Main class="desk-room__middle">
          <h1 class="desk-room__title user-text one-line">{room.title}</h1>
          <div class="desk-room__stage">
            <Stage picture={picture} />
            <div class="desk-room__tools">
              {picture.shown.length > 0 && <WatchElsewhere />}
              <PictureMenu picture={picture} />
            </div>
            {isOver(room) && <Over room={room} />}
          </div>
        </Main>
        <TalkColumn room={room} panels={panels} draft={draft} />
      </div>
      <OpenPanel room={room} panels={panels} />
    </div>
  );
}

function SaleColumn({ room, panels }: { room: Room; panels: Panels }) {
  const t = useMessages(saleTexts);
  const shell = useMessages(shellTexts);
  const shown = useShownOffers();
  const askAbout = useAskAbout();
  const planned = usePlanned(room);
  const offers = useStore(useRoom().offers);
  /** Nothing is on sale yet: the list of what will be stands for the bag. */
  const isPlanned = planned.length > 0 && inBag(offers).length === 0;
  return (
    <aside class="desk-room__side" aria-label={t.bag}>
      <div class="row row--apart">
        <Link to="/" class="brand" aria-label="Nightmarket">
          <img src="/icon.svg" width="28" height="28" alt="" />
          <span>Nightmarket</span>
        </Link>
        <Link to="/orders" class="top-bar__link">
          {shell.orders}
        </Link>
      </div>
      <UnpaidBar panels={panels} />
      {shown.slice(0, cardsMax).map((offer) => (
        <PinnedCard
          key={offer.offerId}
          offer={offer}
          onOpen={() => panels.openProduct(offer)}
          onBuy={() => panels.openProduct(offer)}
        />
      ))}
      <div class="row row--apart">
        {isPlanned ? <span /> : <h2 class="desk-room__heading">{t.bag}</h2>}
        <CartButton onOpen={panels.openCart} />
      </div>
      <div class="desk-room__scroll">
        {!isPlanned && <BagList onOpen={panels.openProduct} onAsk={askAbout} />}
        <PlannedList products={planned} onOpen={panels.openPlanned} />
      </div>
    </aside>
  );
}

function TalkColumn({ room, panels, draft }: Omit<LayoutProps, 'picture'>) {
  const t = useMessages(roomTexts);
  return (
    <aside class="desk-room__side desk-room__side--talk" aria-label={t.chat}>
      <div class="row">
        <HostChip room={room} onFanClub={panels.openFanClub} />
        <span class="grow" />
        <LanguageButton />
      </div>
      <div class="row row--wrap">
        <FanClubButton onOpen={panels.openFanClub} />
        <GiveawayButton onOpen={panels.openLuckyBag} onAll={panels.openLuckyBags} />
        <span class="grow" />
        <ShareButton room={room} />
      </div>
      <PinnedMessage />
      <ChatPanel onPick={draft.reply} />
      {!isOver(room) && (
        <div class="row desk-room__say">
          <Composer draft={draft} besideReply={(message) => <ReportButton message={message} />} />
          <LikeButton />
        </div>
      )}
    </aside>
  );
}
