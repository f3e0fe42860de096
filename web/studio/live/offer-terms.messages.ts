import { messages } from '../../i18n/messages.ts';

/** Terms of offers beyond price and units. */
export const offerTermsTexts = messages(
  {
    opensAt: 'Opens at',
    opensAtHint: 'Empty: now, after the countdown. Your own time zone.',
    announceSale: 'Announce the sale',
    announced: (when: string) => `Announced: it opens ${when}`,
    scheduledText: 'Units are taken out of stock now and go back at the end. The sale stands in the bag with its time.',
    dearer: (price: string) => `More than it costs in the bag: ${price}.`,
    listPrice: 'List price',
    withTerms: (name: string) => `Add with other terms: ${name}`,
    termsTitle: (title: string) => `Add: ${title}`,
    addToShow: 'Add to the show',
    contested: (theirs: string[]) =>
      `Somebody has set this meanwhile: ${[...new Set(theirs)].join(', ')}. Save once more to put yours in its place.`,
  },
  {
    opensAt: '开抢时间',
    opensAtHint: '留空则倒计时后立即开抢；按你所在时区。',
    announceSale: '发布预告',
    announced: (when: string) => `已发布预告，${when} 开抢`,
    scheduledText: '库存会立即锁定，结束后退回；商品列表会显示开抢时间。',
    dearer: (price: string) => `高于商品列表中的价格（${price}）。`,
    listPrice: '原价',
    withTerms: (name: string) => `自定义条件上架：${name}`,
    termsTitle: (title: string) => `上链接：${title}`,
    addToShow: '加入直播',
    contested: (theirs: string[]) => `有人刚刚改成了：${[...new Set(theirs)].join('，')}。再次保存会以你填写的为准。`,
  },
);
