import { counted } from '../../i18n/counted.ts';
import { count } from '../../i18n/format.ts';
import { messages } from '../../i18n/messages.ts';

export const plannedTexts = messages(
  {
    planned: 'Products of the show',
    plannedHint: 'Viewers see them before the start, in this order.',
    ofMax: (n: number, max: number) => `${n} of ${max}`,
    choose: 'Choose products',
    isFull: (max: number) => `A show has at most ${max} products.`,
    noneThere: 'No products in the shop yet',
    noneThereText: 'Add some under “Products” first. The show can be edited any time until it ends.',
    add: 'Add',
    added: 'Added',
    addOf: (title: string) => `Add ${title}`,
    removeOf: (title: string) => `Take ${title} off the list`,
    gone: (n: number) =>
      n === 1
        ? 'One product of the list is not in the shop any more. Viewers do not see it.'
        : `${count(n)} products of the list are not in the shop any more. Viewers do not see them.`,
    removeGone: 'Take off the list',
    take: (n: number) => `Put in ${counted(n, 'planned product', 'planned products')}`,
    taken: (n: number) => `${counted(n, 'item', 'items')} in as drafts. Put them on sale one by one.`,
    takenAll: 'Everything planned is here already.',
    takenNot: 'What is not here yet has no units free, or no place.',
    takenSome: (n: number, left: number) =>
      `${counted(n, 'item', 'items')} in as drafts; ${count(left)} left out: no units free, or no place.`,
  },
  {
    planned: '本场商品',
    plannedHint: '开播前观众就能按此顺序看到。',
    ofMax: (n: number, max: number) => `${n}/${max}`,
    choose: '选择商品',
    isFull: (max: number) => `一场直播最多 ${max} 件商品。`,
    noneThere: '店铺还没有商品',
    noneThereText: '请先到“商品”里添加。下播前随时可以编辑这场直播。',
    add: '添加',
    added: '已添加',
    addOf: (title: string) => `添加 ${title}`,
    removeOf: (title: string) => `移出 ${title}`,
    gone: (n: number) => `有 ${count(n)} 件商品已不在店铺，观众看不到。`,
    removeGone: '移出列表',
    take: (n: number) => `导入 ${count(n)} 件本场商品`,
    taken: (n: number) => `已导入 ${count(n)} 个草稿，逐个上架即可。`,
    takenAll: '本场商品都已导入。',
    takenNot: '剩下的没有可售库存，或已达数量上限。',
    takenSome: (n: number, left: number) => `已导入 ${count(n)} 个草稿；${count(left)} 个没有可售库存或已达数量上限。`,
  },
);
