import { limits } from '../../shared/limits.ts';
import type { ChatMessage } from '../../shared/protocol/chat.ts';
import type { ChatLine } from './chat-feed.ts';

/** Somebody who can be named in a message. */
export type Named = { personId: string; name: string };

/** A name that is being written: from its `@`, at the index `from` of the text, to where it ends so far. */
export type NameBegun = { from: number; typed: string };

/** More than these are no help while a show goes on. */
const shownMax = 5;

/** Who spoke lately, the latest first, each once, and not oneself. */
export function speakersIn(lines: readonly ChatLine[], myId: string): Named[] {
  const speakers = new Map<string, Named>();
  for (const line of lines.toReversed()) {
    if (line.kind !== 'message') continue;
    const { senderId, senderName } = line.message;
    if (senderId !== myId && !speakers.has(senderId)) speakers.set(senderId, { personId: senderId, name: senderName });
  }
  return [...speakers.values()];
}

/** The name that is being written before the caret, if any. An address of mail is none: its `@` follows a letter. */
export function nameBegunIn(text: string, caret: number): NameBegun | null {
  const from = text.lastIndexOf('@', caret - 1);
  if (from < 0 || caret <= from || isInsideOfWord(text, from) || caret - from - 1 > limits.displayNameLengthMax)
    return null;
  return { from, typed: text.slice(from + 1, caret) };
}

/**
 * Whose name, or a word of it, begins so. Nobody when one of them is written out: Enter sends then, and does not make another of them.
 * Of several with that name one is to be chosen.
 */
export function thoseWhoMatch(typed: string, people: readonly Named[]): Named[] {
  const wanted = typed.toLowerCase();
  const begins = (name: string) => name.startsWith(wanted) || name.includes(` ${wanted}`);
  const found = people.filter(({ name }) => begins(name.toLowerCase()));
  const writtenOut = found.filter(({ name }) => name.toLowerCase() === wanted);
  return writtenOut.length === 1 ? [] : found.slice(0, shownMax);
}

/** The text with the name written out and a space behind it, and where the caret is then; null when it is too long with it. */
export function withName(
  text: string,
  { from, typed }: NameBegun,
  name: string,
): { text: string; caret: number } | null {
  const before = `${text.slice(0, from)}@${name} `;
  const whole = before + text.slice(from + 1 + typed.length).trimStart();
  return whole.length > limits.chatTextLengthMax ? null : { text: whole, caret: before.length };
}

/**
 * Who is named in a text by `@` and their name. Of names that begin alike the longest is meant, of people with the same name whoever
 * comes first in `people`.
 */
export function mentionsIn(text: string, people: readonly Named[]): string[] {
  const longestFirst = people.toSorted((a, b) => b.name.length - a.name.length);
  const named = new Set<string>();
  for (const { index } of text.matchAll(/@/g)) {
    if (isInsideOfWord(text, index)) continue;
    const person = longestFirst.find(({ name }) => isNamedAt(text, index + 1, name));
    if (person) named.add(person.personId);
  }
  return [...named].slice(0, limits.chatMentionsMax);
}

/** Whom a message speaks to: whoever it answers, then those it names. */
export function addressedBy(
  text: string,
  replyTo: ChatMessage | null,
  people: readonly Named[],
  myId: string,
): string[] {
  const answered = replyTo && replyTo.senderId !== myId ? [replyTo.senderId] : [];
  return [...new Set([...answered, ...mentionsIn(text, people)])].slice(0, limits.chatMentionsMax);
}

/** Scripts that put something between two words; behind a name in Chinese the sentence may go on at once. */
const spacedScript = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Nd}]/u;

function isNamedAt(text: string, from: number, name: string): boolean {
  const to = from + name.length;
  if (!name || text.slice(from, to).toLowerCase() !== name.toLowerCase()) return false;
  return !spacedScript.test(name.slice(-1)) || !spacedScript.test(text.slice(to));
}

const isInsideOfWord = (text: string, at: number): boolean => at > 0 && spacedScript.test(text[at - 1]!);
