import { messages } from '../../i18n/messages.ts';

/** What is asked before a product file is taken in. */
export const importTexts = messages(
  {
    language: 'Titles and descriptions are in',
    languages: { en: 'English', zh: 'Chinese' },
    mode: 'If products of the file have mistakes',
    modes: { 'keep-good': 'Leave those out', 'all-or-nothing': 'Import nothing at all' },
    existing: 'Products that the shop has already',
    existings: { update: 'Change them as the file says', skip: 'Leave them as they are' },
    stock: 'Stock of variants that the shop has already',
    stocks: { keep: 'Leave it as it is', set: 'As in the file, what offers have included' },
    start: 'Import',
    refused: 'Nothing was imported: the file has mistakes.',
  },
  {
    language: '文件中的标题和描述是',
    languages: { en: '英文', zh: '中文' },
    mode: '文件中有商品填写有误时',
    modes: { 'keep-good': '跳过有误的商品', 'all-or-nothing': '全部不导入' },
    existing: '店铺中已有的商品',
    existings: { update: '按文件更新', skip: '保持不变' },
    stock: '已有规格的库存',
    stocks: { keep: '保持不变', set: '按文件设置（含在售链接占用的数量）' },
    start: '开始导入',
    refused: '文件有误，没有导入任何商品。',
  },
);
