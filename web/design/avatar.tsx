import { useState } from 'preact/hooks';
import './avatar.css';

/** The first letter of a name on a colour that is always the same for the same person. Decoration: the name stands beside it. */
export function Avatar({ id, name, sizePx = 36 }: { id: string; name: string; sizePx?: number }) {
  const style = {
    width: `${sizePx}px`,
    height: `${sizePx}px`,
    fontSize: `${sizePx * 0.42}px`,
    '--hue': String(hueOf(id)),
  };
  return (
    <span class="avatar" style={style} aria-hidden="true">
      {firstLetter(name)}
    </span>
  );
}

/** A picture chosen for a room or a product, or a colour of its own where there is none, or none that loads. */
export function Cover({ url, id, label }: { url: string | null | undefined; id: string; label?: string }) {
  // Of this address alone: a corrected one is tried.
  const [brokenUrl, setBrokenUrl] = useState<string | null>(null);
  if (url && url !== brokenUrl)
    return (
      <img
        class="cover"
        src={url}
        alt={label ?? ''}
        loading="lazy"
        decoding="async"
        onError={() => setBrokenUrl(url)}
      />
    );
  return <span class="cover cover--none" style={{ '--hue': String(hueOf(id)) }} aria-hidden="true" />;
}

function hueOf(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return hash % 360;
}

/** One whole letter as a reader sees it: an emoji of a family is one, too. Browsers of before 2024 may not know letters that well. */
function firstLetter(name: string): string {
  const shown = name.trim() || '·';
  if (!('Segmenter' in Intl)) return String.fromCodePoint(shown.codePointAt(0)!).toUpperCase();
  const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(shown);
  return segments[Symbol.iterator]().next().value!.segment.toUpperCase();
}
