import { IconButton } from '../design/button.tsx';
import { useMessages } from '../i18n/messages.ts';
import { navigate } from '../router/router.tsx';
import { isOver } from '../../shared/room-state.ts';
import { Main } from '../shell/main.tsx';
import { useToldHeight } from '../state/use-told-height.ts';
import { CartButton } from '../sale/cart-button.tsx';
import { PlannedList, usePlanned } from '../sale/planned-list.tsx';
import { PinnedCard } from '../sale/pinned-card.tsx';
import { GiveawayButton } from '../giveaway/giveaway-button.tsx';
import { BagButton } from './bag-button.tsx';
import { ChatPanel } from './chat-panel.tsx';
import { Composer } from './composer.tsx';
import { ConnectionBar } from './connection-bar.tsx';
import { HostChip } from './host-chip.tsx';
import type { LayoutProps } from './layout-props.ts';
import { LikeButton } from './likes.tsx';
import { Over } from './over.tsx';
import { OpenPanel } from './open-panel.tsx';
import { PinnedMessage } from './pinned-message.tsx';
import { roomTexts } from './room.messages.ts';
import { PictureMenu } from './picture-menu.tsx';
import { ReportButton } from './report-button.tsx';
import { ShareButton } from './share-button.tsx';
import { Stage } from './stage.tsx';
import { UnpaidBar } from './unpaid-bar.tsx';
import { useShownOffers } from './use-shown-offers.ts';

/** The room on a phone: the picture fills the screen, everything else lies on it within reach of a thumb. */
export function PhoneRoom({ room, panels, draft, picture }: LayoutProps) {
  const t = useMessages(roomTexts);
  const [shown] = useShownOffers();
  const planned = usePlanned(room);
  const head = useToldHeight<HTMLDivElement>('--phone-head');
  return (
    <Main class="phone-room">
      <h1 class="visually-hidden">{room.title}</h1>
      <Stage picture={picture} />
      <div class="phone-room__over">
        <div ref={head}>
          <ConnectionBar />
          <header class="phone-room__top">
            <HostChip room={room} onFanClub={panels.openFanClub} />
            <span class="grow" />
            <ShareButton room={room} kind="glass" />
            <PictureMenu picture={picture} />
            <IconButton kind="glass" icon="close" label={t.back} onClick={() => navigate('/')} />
          </header>
          <UnpaidBar panels={panels} />
        </div>
        {isOver(room) ? (
          <Over room={room} panels={panels} />
        ) : (
          <>
            <span class="grow" />
            <div class="phone-room__chat">
              <PinnedMessage />
              <ChatPanel onPick={draft.reply} />
            </div>
            {!shown && planned.length > 0 && (
              <div class="phone-room__pinned">
                <PlannedList products={planned} isStrip onOpen={panels.openPlanned} />
              </div>
            )}
            {shown && (
              <div class="phone-room__pinned" data-theme="light">
                <PinnedCard
                  key={shown.offerId}
                  offer={shown}
                  onOpen={() => panels.openProduct(shown)}
                  onBuy={() => panels.openProduct(shown)}
                />
              </div>
            )}
            <footer class="phone-room__bar">
              <BagButton onOpen={panels.openBag} />
              <CartButton onOpen={panels.openCart} />
              <Composer draft={draft} besideReply={(message) => <ReportButton message={message} />} />
              <GiveawayButton onOpen={panels.openLuckyBag} onAll={panels.openLuckyBags} />
              <LikeButton />
            </footer>
          </>
        )}
      </div>
      <OpenPanel room={room} panels={panels} />
    </Main>
  );
}
