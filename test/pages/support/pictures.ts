import type { Page } from 'playwright-core';
import { afterEach } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import type { Visitor } from './pages.ts';

/** Frames decoded so far, and a sum over the pixels of the picture that is shown now. */
function pictureOf(page: Page): Promise<{ frames: number; pixels: number }> {
  return page.evaluate(`(() => {
    const video = document.querySelector('.stage video');
    if (!video?.videoWidth) return { frames: 0, pixels: 0 };
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 64, 64);
    const pixels = context.getImageData(0, 0, 64, 64).data.reduce((sum, value, index) => (sum * 31 + value * index) % 1e9, 0);
    return { frames: video.getVideoPlaybackQuality().totalVideoFrames, pixels };
  })()`);
}

/** The picture gets new frames, and they differ. A first one may take its time on a busy machine. */
export async function pictureMoves(page: Page): Promise<void> {
  await eventually(async () => (await pictureOf(page)).frames > 0, { deadlineMs: 40_000 });
  const before = await pictureOf(page);
  await eventually(
    async () => {
      const now = await pictureOf(page);
      return now.frames > before.frames + 3 && now.pixels !== before.pixels;
    },
    { deadlineMs: 20_000 },
  );
}

/** After each test that failed: what the pages looked like then. `visitors`: those who have come by then, by name. */
export function picturesOfFailures(prefix: string, visitors: () => Record<string, Visitor | undefined>): void {
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    for (const [name, visitor] of Object.entries(visitors()))
      await visitor?.page.screenshot({ path: `.nightmarket/failed-pages/${prefix}-${name}.png` });
  });
}
