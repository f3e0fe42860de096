import { messages } from '../i18n/messages.ts';

export const doorTexts = messages(
  {
    live: 'LIVE',
    watching: (n: string) => `${n} watching`,
    paused: 'The host is away for a moment',
    soon: 'The show has not begun yet',
    starts: (when: string) => `Starts ${when}`,
    ended: 'The show is over',
    cancelled: 'This show was cancelled',
    isForFans: (host: string) => `This show is for members of ${host}’s fan club. Join, and you are in.`,
    wasForFans: (host: string) => `This show was for members of ${host}’s fan club. Join, and you can look at it.`,
    asked: (host: string) => `You asked to join. As soon as ${host} lets you in, the show opens here by itself.`,
    comingIn: 'You are a member: the show opens.',
    membersOnly: 'For members only',
    groupText: 'A fan group is open to the members of its fan club.',
  },
  {
    live: '直播中',
    watching: (n: string) => `${n} 人在看`,
    paused: '主播暂时离开',
    soon: '直播还没有开始',
    starts: (when: string) => `${when} 开播`,
    ended: '直播已结束',
    cancelled: '这场直播已取消',
    isForFans: (host: string) => `本场直播仅限 ${host} 的粉丝团成员观看，加入后即可进入。`,
    wasForFans: (host: string) => `本场直播仅限 ${host} 的粉丝团成员，加入后即可查看。`,
    asked: (host: string) => `已申请加入，${host} 通过后会自动进入直播间。`,
    comingIn: '你已是粉丝团成员，正在进入直播间。',
    membersOnly: '仅限成员',
    groupText: '粉丝群只对粉丝团成员开放。',
  },
);
