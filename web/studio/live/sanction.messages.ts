import { messages } from '../../i18n/messages.ts';

export const sanctionTexts = messages(
  {
    restrict: 'Restrict',
    restrictOf: (name: string) => `Restrict ${name}`,
    what: 'What',
    kinds: {
      timeout: 'Mute',
      kick: 'Put out for a minute',
      ban: 'Ban',
      shadow_ban: 'Let nobody hear them',
    },
    length: 'For how long',
    lengths: { '60': '1 minute', '600': '10 minutes', '3600': '1 hour', show: 'The whole show' },
    says: {
      timeout: 'They see everything and can’t write. They are told how long.',
      kick: 'They leave at once and may come back after a minute.',
      ban: 'They leave at once and can’t come back until it is lifted.',
      shadow_ban: 'They write as before, and nobody else sees it. They are not told.',
    },
    reach: {
      host: 'It counts in all your shows.',
      staff: 'It counts in this show. The host can do it for all of theirs.',
      room: 'It counts in this show.',
    },
    purge: 'Delete what they wrote',
    purgeEverywhere: 'Delete what they wrote in all your shows',
    reason: 'Reason, if you like',
    reasonHint: 'Host and staff read it on the list.',
    tellReason: 'They read the reason, too',
    done: { timeout: 'Muted', kick: 'Put out', ban: 'Banned', shadow_ban: 'Nobody hears them now' },
  },
  {
    restrict: '处置',
    restrictOf: (name: string) => `处置 ${name}`,
    what: '方式',
    kinds: { timeout: '禁言', kick: '移出一分钟', ban: '拉黑', shadow_ban: '仅自己可见' },
    length: '时长',
    lengths: { '60': '1 分钟', '600': '10 分钟', '3600': '1 小时', show: '整场直播' },
    says: {
      timeout: '对方可以观看但不能发言，会看到剩余时间。',
      kick: '对方立即离开，一分钟后可以再进入。',
      ban: '对方立即离开，解除前不能再进入。',
      shadow_ban: '对方照常发言，但只有自己能看到，且不会被告知。',
    },
    reach: {
      host: '对你的所有直播生效。',
      staff: '仅对本场直播生效；主播可对其所有直播操作。',
      room: '仅对本场直播生效。',
    },
    purge: '删除对方发过的消息',
    purgeEverywhere: '删除对方在你所有直播中发过的消息',
    reason: '原因（选填）',
    reasonHint: '主播和工作人员可在列表中看到。',
    tellReason: '让对方也看到原因',
    done: { timeout: '已禁言', kick: '已移出', ban: '已拉黑', shadow_ban: '已设为仅自己可见' },
  },
);
