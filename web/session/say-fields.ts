import { language } from '../i18n/language.ts';
import { fieldTexts } from './fields.messages.ts';

type Problem = { path: string; message: string };

/** Problems told at once: who mends two sees the rest with the next try. */
const toldMax = 2;

/** What the server found wrong in a form, in the words of its reader: never a path or a limit in the units of the protocol. */
export function sayFields(problems: readonly Problem[]): string {
  const t = fieldTexts[language.get()];
  const sentences = problems.map(({ path, message }) => t.sentence(nameOf(path), t.wrong[kindOf(message)]));
  return [...new Set(sentences)].slice(0, toldMax).join(' ');

  function nameOf(path: string): string {
    const known = path.split('.').findLast((step) => step in t.names);
    return known ? t.names[known as keyof typeof t.names] : t.something;
  }
}

/** The server says it in English sentences of its own; whatever else a rule says of a field is "not right". */
function kindOf(message: string): keyof (typeof fieldTexts)['en']['wrong'] {
  if (message === 'is missing') return 'missing';
  if (message.includes('can not be seen')) return 'unseen';
  const bound = /must (be|have) at (least|most)/.exec(message);
  if (!bound) return 'other';
  if (bound[1] === 'have') return bound[2] === 'most' ? 'long' : 'short';
  return bound[2] === 'most' ? 'large' : 'small';
}
