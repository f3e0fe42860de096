import { dayAndTime, money } from '../../i18n/format.ts';
import { language } from '../../i18n/language.ts';
import { messages } from '../../i18n/messages.ts';
import { localized } from '../../room/offers.ts';
import type { Action, ActionKind } from '../../../shared/protocol/action.ts';

/** What follows the name of who did it. `whom`: to whom, or whose line. */
type Says = Record<ActionKind, (whom: string, detail: Action['detail']) => string>;

const english: Says = {
  'message-deleted': (whom) => `deleted a message of ${whom}`,
  'messages-purged': (whom) => `deleted all messages of ${whom}`,
  'chat-cleared': () => 'cleared the chat',
  'message-pinned': (whom) => `pinned a message of ${whom}`,
  'message-unpinned': (whom) => `unpinned a message of ${whom}`,
  announced: (_whom, { text }) => (text === undefined ? 'took the announcement away' : 'announced'),
  'chat-configured': () => 'changed the chat',
  'message-approved': (whom) => `let a message of ${whom} through`,
  'message-rejected': (whom) => `rejected a message of ${whom}`,
  'report-kept': (whom) => `let a reported message of ${whom} stay`,
  sanctioned: (whom, { sanction }) => `${sanctionsEnglish[sanction ?? 'mute']} ${whom}`,
  lifted: (whom, { sanction }) => `lifted the ${liftedEnglish[sanction ?? 'mute']} of ${whom}`,
  'words-added': () => 'no longer allows words',
  'words-removed': () => 'allows words again',
  'new-guests': (_whom, { on }) => (on ? 'keeps new guests out' : 'lets new guests in again'),
  'role-set': (whom, { role }) =>
    role ? `made ${whom} ${role === 'moderator' ? 'a moderator' : 'an assistant'}` : `took the role of ${whom} away`,
  'show-edited': () => 'edited the show',
  'show-started': () => 'started the show',
  'show-paused': () => 'paused the show',
  'show-resumed': () => 'resumed the show',
  'show-ended': () => 'ended the show',
  'show-cancelled': () => 'cancelled the show',
  'offer-opened': () => 'put a product on sale',
  'offer-changed': () => 'changed an offer',
  'offer-pinned': () => 'pinned a product',
  'offer-unpinned': () => 'unpinned a product',
  'offer-ended': () => 'ended a sale',
  'giveaway-published': () => 'started a giveaway',
  'giveaway-cancelled': () => 'cancelled a giveaway',
  'co-host-invited': (whom) => `invited ${whom} on camera`,
  'co-host-removed': (whom) => `put ${whom} off camera`,
  'publisher-muted': (whom, { media }) => `turned the ${devicesEnglish[media ?? 'audio']} of ${whom} off`,
  'publisher-unmuted': (whom, { media }) => `lets ${whom} use the ${devicesEnglish[media ?? 'audio']} again`,
};
const sanctionsEnglish = {
  mute: 'muted',
  timeout: 'muted',
  kick: 'put out',
  ban: 'banned',
  shadow_ban: 'hid from the others',
} as const;
const devicesEnglish = { audio: 'microphone', video: 'camera' } as const;
const liftedEnglish = {
  mute: 'mute',
  timeout: 'mute',
  kick: 'minute outside',
  ban: 'ban',
  shadow_ban: 'shadow ban',
} as const;

const chinese: Says = {
  'message-deleted': (whom) => `删除了 ${whom} 的消息`,
  'messages-purged': (whom) => `删除了 ${whom} 的全部消息`,
  'chat-cleared': () => '清空了聊天',
  'message-pinned': (whom) => `置顶了 ${whom} 的消息`,
  'message-unpinned': (whom) => `取消置顶 ${whom} 的消息`,
  announced: (_whom, { text }) => (text === undefined ? '撤下了公告' : '发布了公告'),
  'chat-configured': () => '修改了聊天设置',
  'message-approved': (whom) => `通过了 ${whom} 的消息`,
  'message-rejected': (whom) => `拒绝了 ${whom} 的消息`,
  'report-kept': (whom) => `保留了 ${whom} 被举报的消息`,
  sanctioned: (whom, { sanction }) => `对 ${whom} ${sanctionsChinese[sanction ?? 'mute']}`,
  lifted: (whom, { sanction }) => `解除了对 ${whom} 的${sanctionsChinese[sanction ?? 'mute']}`,
  'words-added': () => '添加了屏蔽词',
  'words-removed': () => '移除了屏蔽词',
  'new-guests': (_whom, { on }) => (on ? '开始拦截新游客' : '不再拦截新游客'),
  'role-set': (whom, { role }) =>
    role ? `将 ${whom} 设为${role === 'moderator' ? '房管' : '助理'}` : `取消了 ${whom} 的角色`,
  'show-edited': () => '编辑了直播',
  'show-started': () => '开始了直播',
  'show-paused': () => '暂停了直播',
  'show-resumed': () => '恢复了直播',
  'show-ended': () => '结束了直播',
  'show-cancelled': () => '取消了直播',
  'offer-opened': () => '上架了商品',
  'offer-changed': () => '修改了在售商品',
  'offer-pinned': () => '置顶了商品',
  'offer-unpinned': () => '取消置顶商品',
  'offer-ended': () => '下架了商品',
  'giveaway-published': () => '发起了抽奖',
  'giveaway-cancelled': () => '取消了抽奖',
  'co-host-invited': (whom) => `邀请 ${whom} 连麦`,
  'co-host-removed': (whom) => `将 ${whom} 移出连麦`,
  'publisher-muted': (whom, { media }) => `关闭了 ${whom} 的${devicesChinese[media ?? 'audio']}`,
  'publisher-unmuted': (whom, { media }) => `允许 ${whom} 重新打开${devicesChinese[media ?? 'audio']}`,
};
const devicesChinese = { audio: '麦克风', video: '摄像头' } as const;
const sanctionsChinese = {
  mute: '禁言',
  timeout: '禁言',
  kick: '移出',
  ban: '拉黑',
  shadow_ban: '仅自己可见',
} as const;

export const actionTexts = messages(
  {
    title: 'What host and staff did',
    none: 'Nothing yet.',
    did: ({ kind, name, detail }: Action) => english[kind](name ?? 'somebody', detail),
    more: ({ atMs, detail: { untilMs, everywhere, purge, ...detail } }: Action) =>
      together([
        dayAndTime(atMs),
        ...(untilMs === undefined ? [] : [`until ${dayAndTime(untilMs)}`]),
        ...(everywhere ? ['in all shows of the host'] : []),
        ...(purge ? ['with all they wrote'] : []),
        ...whatOf(detail, changedEnglish),
      ]),
  },
  {
    title: '主播和工作人员的操作记录',
    none: '暂无记录。',
    did: ({ kind, name, detail }: Action) => chinese[kind](name ?? '某人', detail),
    more: ({ atMs, detail: { untilMs, everywhere, purge, ...detail } }: Action) =>
      together([
        dayAndTime(atMs),
        ...(untilMs === undefined ? [] : [`至 ${dayAndTime(untilMs)}`]),
        ...(everywhere ? ['主播的所有直播间'] : []),
        ...(purge ? ['并删除其全部消息'] : []),
        ...whatOf(detail, changedChinese),
      ]),
  },
);

/** What can be changed, and what it can be changed to. */
const changedEnglish: Readonly<Record<string, string>> = {
  slowSeconds: 'slow mode, seconds',
  audience: 'who may write',
  followMinutesMin: 'must have followed for, minutes',
  fanLevelMin: 'least level of fans',
  hold: 'holds for review',
  everyone: 'everyone',
  followers: 'followers',
  fans: 'the fan club',
  none: 'nothing',
  banned_words: 'words not allowed',
  links: 'links',
  all: 'every message',
  title: 'title',
  coverUrl: 'picture',
  productIds: 'products',
  scheduledAtMs: 'time',
  openTo: 'whom it is open to',
  priceMinor: 'price',
  listPriceMinor: 'list price',
  limitUnits: 'limit per person',
  allotmentUnits: 'units',
  durationSeconds: 'duration',
};
const changedChinese: Readonly<Record<string, string>> = {
  slowSeconds: '慢速模式（秒）',
  audience: '谁能发言',
  followMinutesMin: '至少已关注（分钟）',
  fanLevelMin: '最低粉丝等级',
  hold: '先审核',
  everyone: '所有人',
  followers: '关注者',
  fans: '粉丝团',
  none: '不审核',
  banned_words: '含屏蔽词的消息',
  links: '含链接的消息',
  all: '所有消息',
  title: '标题',
  coverUrl: '封面',
  productIds: '商品',
  scheduledAtMs: '时间',
  openTo: '开放范围',
  priceMinor: '价格',
  listPriceMinor: '原价',
  limitUnits: '每人限购',
  allotmentUnits: '数量',
  durationSeconds: '时长',
};

const together = (parts: readonly string[]): string => parts.join(' · ');

type Named = Readonly<Record<string, string>>;

/** What it was about, and what was changed in it. */
function whatOf({ reason, text, product, price, settings, fields = [] }: Action['detail'], named: Named): string[] {
  return [
    ...(reason === undefined ? [] : [reason]),
    ...(text === undefined ? [] : [`“${text}”`]),
    ...(product === undefined ? [] : [localized(product, language.get())]),
    ...(price === undefined ? [] : [`${named['priceMinor']}: ${money(price)}`]),
    ...settingsOf(settings, named),
    ...fields.filter((field) => field !== 'priceMinor').map((field) => named[field] ?? field),
  ];
}

function settingsOf(settings: Action['detail']['settings'] = {}, named: Named): string[] {
  return Object.entries(settings).map(
    ([what, value]) => `${named[what] ?? what}: ${named[String(value)] ?? String(value)}`,
  );
}
