import type { ComponentType } from 'preact';
import { Button } from '../design/button.tsx';
import { Icon, type IconName } from '../design/icon.tsx';
import { Notice } from '../design/notice.tsx';
import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { session } from '../session/session.ts';
import { sessionTexts } from '../session/session.messages.ts';
import { needAccount } from '../session/sign-in-sheet.tsx';
import { Main } from '../shell/main.tsx';
import { OfflineBar } from '../shell/offline-bar.tsx';
import { useTitle } from '../shell/page.tsx';
import { TopBar } from '../shell/top-bar.tsx';
import { useStore } from '../state/store.ts';
import { FansSection } from './fans/fans-section.tsx';
import { GiveawaysSection } from './giveaways/giveaways-section.tsx';
import { LiveSection } from './live/live-section.tsx';
import { NumbersSection } from './numbers/numbers-section.tsx';
import { MerchantOrders } from './orders/merchant-orders.tsx';
import { ProductsSection } from './products/products-section.tsx';
import { SettingsSection } from './settings/settings-section.tsx';
import { studioTexts } from './studio.messages.ts';
import './studio.css';

type SectionProps = { roomId: string | null };

const sections = {
  live: { icon: 'live', view: LiveSection },
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
  const View: ComponentType<SectionProps> = sections[name].view;
  return (
    <>
      <TopBar />
      {!(name === 'live' && params['roomId']) && <OfflineBar /> /* A show has a bar of its own. */}
      <div class="studio">
        <nav class="rail" aria-label={t.studio}>
          {(Object.keys(sections) as SectionName[]).map((key) => (
            <Link key={key} to={`/studio/${key}`} class="rail__item" aria-current={key === name ? 'page' : undefined}>
              <Icon name={sections[key].icon} />
              <span>{t.sections[key]}</span>
            </Link>
          ))}
        </nav>
        <Main class="studio__main">
          {who?.kind === 'account' ? <View key={who.personId} roomId={params['roomId'] ?? null} /> : <AccountFirst />}
        </Main>
      </div>
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
        <Button kind="primary" onClick={() => void needAccount()}>
          {signIn.signIn}
        </Button>
      </Notice>
    </>
  );
}
