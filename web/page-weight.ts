/**
 * How much of the built pages travels before a viewer sees the live room. Prints the sizes; `viewerBytesMax` is what the tests hold.
 * The media library is not among them: it comes when there is a picture to play.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** Scripts and styles of the live room, compressed, at the most. */
export const viewerBytesMax = 150 * 1_024;

type Chunk = { file: string; imports?: string[]; css?: string[] };
type Manifest = Readonly<Record<string, Chunk>>;

const folder = fileURLToPath(new URL('./dist', import.meta.url));

/** What a page is made of: the entry, the page's own part, and everything these import at once; and what comes on a press. */
const pages = {
  'live room': ['index.html', 'room/room-page.tsx'],
  home: ['index.html'],
  studio: ['index.html', 'studio/studio-page.tsx'],
  'verify page': ['index.html', 'verify/verify-page.tsx'],
  'checking a draw': ['verify/read-proof.ts'],
} as const;

export type PageName = keyof typeof pages;

/** Files of a page with what is in them and their size, gzip. */
export function weightOf(page: PageName): { file: string; text: string; bytes: number }[] {
  const manifest = JSON.parse(readFileSync(join(folder, '.vite/manifest.json'), 'utf8')) as Manifest;
  const files = new Set<string>();
  for (const name of pages[page]) collect(manifest, name, files);
  return [...files].map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return { file, text, bytes: gzipSync(text).length };
  });
}

function collect(manifest: Manifest, name: string, files: Set<string>): void {
  const chunk = manifest[name];
  if (!chunk) throw new Error(`${name} is not in the build`);
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const imported of chunk.imports ?? []) collect(manifest, imported, files);
}

export const totalOf = (files: readonly { bytes: number }[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0);

const kib = (bytes: number): string => `${(bytes / 1_024).toFixed(1)} KiB`;

if (import.meta.main) {
  for (const page of Object.keys(pages) as PageName[]) {
    const files = weightOf(page);
    console.log(`${page}: ${kib(totalOf(files))} gzip`);
    for (const { file, bytes } of files) console.log(`  ${kib(bytes).padStart(10)}  ${file}`);
  }
  console.log(`the live room may weigh ${kib(viewerBytesMax)} before the media library`);
}
