import type { ErrorCode } from '../../shared/errors.ts';
import { messages } from '../i18n/messages.ts';

/** Error codes as people should read them: what happened and what to do. The server's own sentence is in English only. */
const english: Readonly<Record<ErrorCode, string>> = {
  BAD_INPUT: 'Something in the form is not right. Check it and try again.',
  UNAUTHENTICATED: 'Sign in first.',
  TOKEN_EXPIRED: 'Your session has to be renewed. Try again.',
  SESSION_REVOKED: 'You were signed out. Sign in again.',
  WRONG_CREDENTIALS: 'E-mail or password is wrong.',
  FORBIDDEN: 'You may not do this.',
  ORIGIN_REFUSED: 'This address is not allowed by the server.',
  NOT_FOUND: 'It is not there any more, or you may not see it.',
  UNKNOWN_COMMAND: 'The server does not know this. Reload the page.',
  UNKNOWN_ROUTE: 'The server does not know this. Reload the page.',
  CONFLICT: 'It has changed meanwhile. Look again and retry.',
  EMAIL_TAKEN: 'There is an account with this e-mail already. Sign in instead.',
  KEY_REUSED: 'This request was sent before with other contents. Try again.',
  PAYLOAD_TOO_LARGE: 'That is too large.',
  UNSUPPORTED_MEDIA_TYPE: 'This kind of file does not work here.',
  ACK_MISSING: 'The server does not know this. Reload the page.',
  UPGRADE_REQUIRED: 'There is a new version. Reload the page.',
  RATE_LIMITED: 'Too many tries. Wait a moment.',
  INTERNAL: 'Something went wrong on our side.',
  RETRY: 'No answer from the server. Check your connection and try again.',
  UNAVAILABLE: 'A part of the server is not available right now. Try again in a while.',
  DRAINING: 'The server restarts. One moment.',
};

const chinese: typeof english = {
  BAD_INPUT: '填写有误，请检查后再试。',
  UNAUTHENTICATED: '请先登录。',
  TOKEN_EXPIRED: '登录状态需要刷新，请再试一次。',
  SESSION_REVOKED: '你已退出登录，请重新登录。',
  WRONG_CREDENTIALS: '邮箱或密码不正确。',
  FORBIDDEN: '你没有权限进行此操作。',
  ORIGIN_REFUSED: '服务器不允许当前网址访问。',
  NOT_FOUND: '内容不存在，或你无权查看。',
  UNKNOWN_COMMAND: '页面版本过旧，请刷新。',
  UNKNOWN_ROUTE: '页面版本过旧，请刷新。',
  CONFLICT: '内容刚刚有变动，请查看后重试。',
  EMAIL_TAKEN: '该邮箱已注册，请直接登录。',
  KEY_REUSED: '该请求已用不同内容提交过，请重试。',
  PAYLOAD_TOO_LARGE: '内容过大。',
  UNSUPPORTED_MEDIA_TYPE: '不支持这种文件。',
  ACK_MISSING: '页面版本过旧，请刷新。',
  UPGRADE_REQUIRED: '有新版本，请刷新页面。',
  RATE_LIMITED: '操作太频繁，请稍候。',
  INTERNAL: '服务器出错了。',
  RETRY: '服务器没有响应，请检查网络后重试。',
  UNAVAILABLE: '服务暂时不可用，请稍后再试。',
  DRAINING: '服务器正在重启，请稍候。',
};

export const errorTexts = messages(english, chinese);
