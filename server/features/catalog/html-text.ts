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
 * whoever shows it still escapes it.
 */
export function textOfHtml(html: string): string {
  const text = html
    .replaceAll(/<(script|style)\b[^>]*>[\s\S]*?(<\/\1\s*>|$)/gi, '')
    .replaceAll(/<!--[\s\S]*?(-->|$)/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/<br\b[^>]*>/gi, '\n')
    .replaceAll(/<\/(p|div|li|ul|ol|h[1-6]|tr|table|section)\s*>/gi, '\n')
    .replaceAll(/<\/?[a-z!][^>]*>/gi, '')
    .replaceAll(/&(#x[\da-f]{1,6}|#\d{1,7}|[a-z]{1,8});/gi, decodeEntity);
  return tidyText(text);
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
