import { messages } from '../i18n/messages.ts';

export const shellTexts = messages(
  {
    navigation: 'Main',
    studio: 'Studio',
    orders: 'Orders',
    signIn: 'Sign in',
    signOut: 'Sign out',
    light: 'Light',
    dark: 'Dark',
    notFound: 'There is no such page',
    notFoundWhy: 'The link may be old, or a letter is missing.',
    home: 'To the shows',
    failed: 'That did not work',
    again: 'Try again',
    offline: 'Connection lost. What you see may be old; it comes back by itself.',
  },
  {
    navigation: '主导航',
    studio: '中控台',
    orders: '我的订单',
    signIn: '登录',
    signOut: '退出登录',
    light: '浅色',
    dark: '深色',
    notFound: '页面不存在',
    notFoundWhy: '链接可能已失效，或有误。',
    home: '去看直播',
    failed: '没有成功',
    again: '重试',
    offline: '连接断开，显示的内容可能不是最新，恢复后会自动更新。',
  },
);
