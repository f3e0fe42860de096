/** Descriptions are kept as plain text; files carry them as HTML. */

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** One form of a text: no spaces at the ends of lines, single spaces inside, at most one empty line in a row. */
export function tidyText(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

/**
 * The words of a piece of HTML: blocks and breaks become lines, scripts and styles nothing. It is for showing as text;
 * whoever shows it still escapes it. Takes time in proportion to its length, whatever it is made of.
 */
export function textOfHtml(html: string): string {
  const words: string[] = [];
  const lastClose = html.lastIndexOf('>');
  let at = 0;
  for (let begin = html.indexOf('<'); begin !== -1; begin = html.indexOf('<', Math.max(at, begin + 1))) {
    const markup = markupAt(html, begin, lastClose);
    if (!markup) continue;
    words.push(oneLine(html.slice(at, begin)), markup.line ? '\n' : '');
    at = markup.end;
  }
  words.push(oneLine(html.slice(at)));
  return tidyText(words.join('').replaceAll(/&(#x[\da-f]{1,6}|#\d{1,7}|[a-z]{1,8});/gi, decodeEntity));
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

/** Where the tag or comment ends that begins at `begin`, and whether it ends a line; null when none begins there. */
function markupAt(html: string, begin: number, lastClose: number): { end: number; line: boolean } | null {
  if (html.startsWith('<!--', begin)) return { end: endOf(html, '-->', begin + 4), line: false };
  // Its end is looked for only where it is one and has one: from each of many beginnings, that would take the square of the time.
  if (begin > lastClose || !/^<\/?[a-z!]/i.test(html.slice(begin, begin + 3))) return null;
  const close = html.indexOf('>', begin);
  const name = /^<\/?[a-z\d]*/i.exec(html.slice(begin, Math.min(close, begin + 12)))![0].toLowerCase();
  if (name === '<script' || name === '<style') return { end: endOfRaw(html, name, close), line: false };
  return { end: close + 1, line: name === '<br' || /^<\/(p|div|li|ul|ol|h[1-6]|tr|table|section)$/.test(name) };
}

/** Behind the closing tag of a script or style, or the end of the text. */
function endOfRaw(html: string, name: string, from: number): number {
  const closing = new RegExp(`</${name.slice(1)}\\s*>`, 'gi');
  closing.lastIndex = from;
  return closing.exec(html) ? closing.lastIndex : html.length;
}

function endOf(html: string, closing: string, from: number): number {
  const found = html.indexOf(closing, from);
  return found === -1 ? html.length : found + closing.length;
}

/** The same text as HTML: `textOfHtml(htmlOfText(text))` is `text`, for a tidy text. */
export function htmlOfText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '<br>');
}

function decodeEntity(whole: string, name: string): string {
  if (!name.startsWith('#')) return entities[name.toLowerCase()] ?? whole;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  const printable = code >= 32 && code <= 0x10_ffff && (code < 0xd8_00 || code > 0xdf_ff);
  return printable ? String.fromCodePoint(code) : '';
}
