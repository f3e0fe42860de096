import { formatMoney } from '../../../shared/money.ts';
import type { SandboxPayment } from './sandbox-books.pg.ts';

const words = {
  en: {
    locale: 'en',
    title: 'Sandbox payment',
    notice: 'Test payment: no real money moves.',
    pay: 'Pay',
    decline: 'Decline',
    when: 'When does the shop hear of it?',
    now: 'At once',
    seconds: (count: number) => (count < 60 ? `After ${count} seconds` : `After ${count / 60} minutes`),
    twice: 'Tell the shop twice',
    silent: 'Never tell the shop: it has to ask',
    refundFails: 'The first refund of it fails',
    paid: 'Paid',
    paidMore: 'The shop will confirm your order in a moment.',
    declined: 'Payment declined',
    declinedMore: 'Nothing was charged. You can start again from your order.',
    back: 'Back to the shop',
  },
  zh: {
    locale: 'zh-CN',
    title: '沙盒支付',
    notice: '测试支付，不会产生真实扣款。',
    pay: '支付',
    decline: '支付失败',
    when: '何时通知商家？',
    now: '立即',
    seconds: (count: number) => (count < 60 ? `${count} 秒后` : `${count / 60} 分钟后`),
    twice: '重复通知商家两次',
    silent: '从不通知商家（由商家查询）',
    refundFails: '首次退款失败',
    paid: '支付成功',
    paidMore: '商家稍后会确认您的订单。',
    declined: '支付未成功',
    declinedMore: '未扣款，您可以回到订单重新支付。',
    back: '返回商家',
  },
} as const;

/** Delays the page offers; the longest outlives a default hold, to try a payment that comes too late. */
export const pageDelaysSeconds = [0, 5, 30, 1_200] as const;

/** The pay page, or what became of the payment. One document without scripts. */
export function sandboxPage(payment: SandboxPayment): string {
  const say = words[payment.language];
  const amount = formatMoney({ minor: payment.amountMinor, currency: payment.currency }, say.locale);
  const body = payment.state === 'open' ? choices(payment) : outcome(payment);
  return `<!doctype html>
<html lang="${say.locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<title>${say.title} · ${escaped(amount)}</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="notice">${say.notice}</p>
<p class="what">${escaped(payment.description)}</p>
<h1>${escaped(amount)}</h1>
${body}
</main>
</body>
</html>`;
}

function choices({ language }: SandboxPayment): string {
  const say = words[language];
  const options = pageDelaysSeconds.map(
    (seconds) => `<option value="${seconds}">${seconds === 0 ? say.now : say.seconds(seconds)}</option>`,
  );
  const tick = (name: 'twice' | 'silent' | 'refundFails'): string =>
    `<label class="check"><input type="checkbox" name="${name}" value="yes"> ${say[name]}</label>`;
  return `<form method="post">
<button class="pay" name="choice" value="pay">${say.pay}</button>
<button name="choice" value="decline">${say.decline}</button>
<label>${say.when}<select name="delaySeconds">${options.join('')}</select></label>
${(['twice', 'silent', 'refundFails'] as const).map(tick).join('\n')}
</form>`;
}

function outcome({ language, state, returnPath }: SandboxPayment): string {
  const say = words[language];
  const [headline, more] = state === 'paid' ? [say.paid, say.paidMore] : [say.declined, say.declinedMore];
  return `<h2 class="${state}" role="status">${headline}</h2>
<p>${more}</p>
<a class="back" href="${escaped(returnPath)}">${say.back}</a>`;
}

const style = `
:root { color-scheme: light dark; --ink: #1e1819; --soft: #655c5c; --paper: #fff; --ground: #f6f3f1; --line: #e2dad6; --brand: #d0370f; }
@media (prefers-color-scheme: dark) { :root { --ink: #f6f1f4; --soft: #b3a8b4; --paper: #1b171e; --ground: #120f14; --line: #332c38; --brand: #d83b14; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 400px; padding: 24px; border-radius: 16px; background: var(--paper); border: 1px solid var(--line); }
h1 { margin: 4px 0 20px; font-size: 36px; font-variant-numeric: tabular-nums; }
h2 { margin: 0 0 4px; font-size: 20px; }
p { margin: 0 0 12px; }
.notice { font-size: 13px; color: var(--soft); }
.what { margin: 0; overflow-wrap: anywhere; }
form, label { display: grid; gap: 8px; }
form { gap: 12px; }
label { font-size: 14px; color: var(--soft); }
.check { grid-template-columns: auto 1fr; align-items: center; }
button, select, .back { min-height: 48px; padding: 0 16px; border-radius: 12px; border: 1px solid var(--line); background: transparent; color: inherit; font: inherit; width: 100%; }
button, .back { cursor: pointer; font-weight: 600; }
.pay { background: var(--brand); border-color: var(--brand); color: #fff; }
.back { display: grid; place-items: center; text-decoration: none; }
input { width: 20px; height: 20px; }
:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; }
.paid::before { content: '✓ '; color: #14804a; }
.declined::before { content: '✕ '; color: var(--brand); }`;

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
