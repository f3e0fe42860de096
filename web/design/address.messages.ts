import { messages } from '../i18n/messages.ts';

/** What comes of copying an address for others. `copyThis`: where the browser lets no page copy. */
export const addressTexts = messages(
  { copied: 'The address is copied.', copyThis: (url: string) => `Copy this address: ${url}` },
  { copied: '链接已复制。', copyThis: (url: string) => `请手动复制链接：${url}` },
);
