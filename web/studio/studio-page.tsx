import { Page } from '../shell/page.tsx';
export function StudioPage() { return <Page title="">…</Page>; }
