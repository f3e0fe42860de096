import { messages } from '../i18n/messages.ts';

export const stepsTexts = messages({ less: 'One less', more: 'One more' }, { less: '减一件', more: '加一件' });
