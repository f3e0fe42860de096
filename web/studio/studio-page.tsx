import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Icon, type IconName } from '../design/icon.tsx';
import { Notice } from '../design/notice.tsx';
import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { session } from '../session/session.ts';
import { sessionTexts } from '../session/session.messages.ts';
import { signInHere } from '../session/sign-in-sheet.tsx';
import { Main } from '../shell/main.tsx';
import { OfflineBar } from '../shell/offline-bar.tsx';
import { useTitle } from '../shell/page.tsx';
import { TopBar } from '../shell/top-bar.tsx';
import { useStore } from '../state/store.ts';
import { FansSection } from './fans/fans-section.tsx';
import { GiveawaysSection } from './giveaways/giveaways-section.tsx';
import { LiveConsole } from './live/live-console.tsx';
import { OnAirBar } from './live/on-air-bar.tsx';
import { onAirRoom } from './live/on-air-room.ts';
import { RoomsList } from './live/rooms-list.tsx';
import { useLeaveQuestion } from './live/use-leave-question.tsx';
import { NumbersSection } from './numbers/numbers-section.tsx';
import { MerchantOrders } from './orders/merchant-orders.tsx';
import { ProductsSection } from './products/products-section.tsx';
import { SettingsSection } from './settings/settings-section.tsx';
import { studioTexts } from './studio.messages.ts';
import './studio.css';

type SectionProps = { roomId: string | null };

const sections = {
  live: { icon: 'live', view: RoomsList },
  products: { icon: 'bag', view: ProductsSection },
  orders: { icon: 'truck', view: MerchantOrders },
  giveaways: { icon: 'gift', view: GiveawaysSection },
  fans: { icon: 'star', view: FansSection },
  numbers: { icon: 'chart', view: NumbersSection },
  settings: { icon: 'settings', view: SettingsSection },
} as const satisfies Record<string, { icon: IconName; view: ComponentType<SectionProps> }>;

type SectionName = keyof typeof sections;
const isSection = (name: string): name is SectionName => name in sections;

export function StudioPage({ params }: { params: Record<string, string> }) {
  const t = useMessages(studioTexts);
  const who = useStore(session)?.person;
  const asked = params['section'] ?? 'live';
  const name = isSection(asked) ? asked : 'live';
  useTitle(t.sections[name]);
  const roomId = params['roomId'] ?? null;
  const rail = useRef<HTMLElement>(null);
  useEffect(() => {
    // A phone shows three of the seven.
    rail.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [name]);
  return (
    <>
      <TopBar />
      {!(name === 'live' && roomId) && <OfflineBar /> /* A show has a bar of its own. */}
      <div class="studio">
        <nav ref={rail} class="rail" aria-label={t.studio}>
          {(Object.keys(sections) as SectionName[]).map((key) => (
            <Link key={key} to={`/studio/${key}`} class="rail__item" aria-current={key === name ? 'page' : undefined}>
              <Icon name={sections[key].icon} />
              <span>{t.sections[key]}</span>
            </Link>
          ))}
        </nav>
        <Main class="studio__main">
          {who?.kind === 'account' ? <Parts key={who.personId} name={name} roomId={roomId} /> : <AccountFirst />}
        </Main>
      </div>
    </>
  );
}

/** The part that was asked for. The console of a show on the air stays beside the others, out of sight: the camera is its own. */
function Parts({ name, roomId }: { name: SectionName; roomId: string | null }) {
  const onAirId = useStore(onAirRoom);
  const leaveQuestion = useLeaveQuestion(onAirId);
  const shownId = name === 'live' ? roomId : null;
  const consoleId = shownId ?? onAirId;
  const View: ComponentType<SectionProps> = sections[name].view;
  return (
    <>
      {onAirId && onAirId !== shownId && <OnAirBar roomId={onAirId} />}
      {consoleId && (
        <div key={consoleId} class={shownId === null ? 'studio__put-aside' : undefined}>
          <LiveConsole roomId={consoleId} />
        </div>
      )}
      {shownId === null && <View roomId={roomId} />}
      {leaveQuestion}
    </>
  );
}

function AccountFirst() {
  const t = useMessages(studioTexts);
  const signIn = useMessages(sessionTexts);
  return (
    <>
      <h1 class="visually-hidden">{t.studio}</h1>
      <Notice icon="live" title={t.needAccount} text={t.needAccountText}>
        <Button kind="primary" onClick={() => void signInHere()}>
          {signIn.signIn}
        </Button>
      </Notice>
    </>
  );
}
