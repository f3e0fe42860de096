import { Page } from '../shell/page.tsx';
export function VerifyPage() { return <Page title="">…</Page>; }
