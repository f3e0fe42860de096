/** Outlines on a 24-px grid, 1.75 px thick, drawn in the colour of the text. */
const paths = {
  bag: 'M6 8h12l1 12H5L6 8Zm3 0V7a3 3 0 0 1 6 0v1',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15L6 16Zm4 5h4',
  camera: 'M3 7h11v10H3V7Zm11 4 6-3v8l-6-3',
  cameraOff: 'M3 7h11v10H3V7Zm11 4 6-3v8l-6-3M4 3l16 18',
  cart: 'M3 4h2l2.4 11h10.2L20 7H6m3 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2Zm8 0a1 1 0 1 0 0-2 1 1 0 0 0 0 2Z',
  cartAdd: 'M3 4h2l2.4 11h10.2L19 11M9 20a1 1 0 1 0 0-2 1 1 0 0 0 0 2Zm8 0a1 1 0 1 0 0-2 1 1 0 0 0 0 2ZM14 3v8m-4-4h8',
  chart: 'M4 20V4m0 16h16M8 16l4-5 3 3 5-7',
  check: 'm5 12 5 5 9-10',
  close: 'M6 6l12 12M18 6 6 18',
  copy: 'M9 9h11v11H9V9Zm-4 6H4V4h11v1',
  down: 'm5 9 7 7 7-7',
  eye: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12Zm10 3a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  flag: 'M6 21V4h12l-3 4 3 4H6',
  flash: 'M13 3 5 14h6l-1 7 8-11h-6l1-7Z',
  gift: 'M4 11h16v9H4v-9Zm-1-4h18v4H3V7Zm9 0v13M12 7c-5 0-5-4-3-4s3 4 3 4Zm0 0c5 0 5-4 3-4s-3 4-3 4Z',
  globe: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm-9-9h18M12 3c3 3 3 15 0 18-3-3-3-15 0-18Z',
  heart: 'M12 20S4 15 4 9a4 4 0 0 1 8-1 4 4 0 0 1 8 1c0 6-8 11-8 11Z',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  live: 'M12 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4Zm-5 3a7 7 0 0 1 0-10m10 0a7 7 0 0 1 0 10M4 20a11 11 0 0 1 0-16m16 0a11 11 0 0 1 0 16',
  mic: 'M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3Zm-6-4a6 6 0 0 0 12 0m-6 6v4',
  micOff: 'M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3Zm-6-4a6 6 0 0 0 12 0m-6 6v4M4 3l16 18',
  minus: 'M5 12h14',
  moon: 'M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10Z',
  pin: 'M9 3h6l-1 6 4 4H6l4-4-1-6Zm3 10v8',
  play: 'M7 4v16l13-8L7 4Z',
  plus: 'M12 5v14M5 12h14',
  reply: 'M9 7 4 12l5 5m-5-5h10a6 6 0 0 1 6 6',
  screen: 'M3 5h18v11H3V5Zm6 15h6m-3-4v4',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 4 4',
  send: 'M4 12 20 4l-5 16-3-7-8-1Z',
  settings: 'M4 7h10m4 0h2M4 17h2m4 0h10M16 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM8 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  share: 'M12 15V4m-4 4 4-4 4 4M6 12H5v8h14v-8h-1',
  shield: 'M12 3 5 6v5c0 5 3 8 7 10 4-2 7-5 7-10V6l-7-3Z',
  star: 'm12 4 2.5 5 5.5.8-4 4 1 5.7-5-2.7-5 2.7 1-5.7-4-4 5.5-.8L12 4Z',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm0-13v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4m0-12.8L17 7M7 17l-1.4 1.4',
  trash: 'M5 7h14M9 7V4h6v3m-8 0 1 13h8l1-13',
  truck: 'M3 6h11v10H3V6Zm11 4h4l3 3v3h-7v-6ZM7 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4Zm10 0a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  up: 'm5 15 7-7 7 7',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-8 9a8 8 0 0 1 16 0',
  volume: 'M4 9v6h4l5 4V5L8 9H4Zm12 0a4 4 0 0 1 0 6m3-9a8 8 0 0 1 0 12',
  muted: 'M4 9v6h4l5 4V5L8 9H4Zm12 1 5 5m0-5-5 5',
} as const;

export type IconName = keyof typeof paths;

/** A picture beside or instead of words. It is hidden from screen readers: what it is on must carry a name. */
export function Icon({ name, sizePx = 20, filled = false }: { name: IconName; sizePx?: number; filled?: boolean }) {
  return (
    <svg
      class="icon"
      width={sizePx}
      height={sizePx}
      viewBox="0 0 24 24"
      fill={filled ? 'currentColor' : 'none'}
      stroke="currentColor"
      stroke-width="1.75"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}
