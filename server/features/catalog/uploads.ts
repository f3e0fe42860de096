import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { AppError } from '../../../shared/errors.ts';
import { catalogLimits } from '../../../shared/limits.ts';

export type UploadLimits = {
  /** Files that come in or wait, whole, for their place. */
  filesMax: number;
  /** Of all of them together: a file counts by what has come of it. */
  bytesMax: number;
  /** A sender who brings less than `bytes` in every `ms` is cut off. Slower than the slowest line of a phone. */
  pace: { ms: number; bytes: number };
  /** When there is no room, who has been sending for longest makes some, if it was as long as this, ms; else the newest is told RETRY. */
  givesWayAfterMs: number;
  /** Who was cut off hears so before the connection goes, ms. */
  lingerMs: number;
};

/** Files that one process takes in or has waiting. */
export const uploadsMax = 50;

const standing: UploadLimits = {
  filesMax: uploadsMax,
  bytesMax: 64 * 1024 * 1024,
  pace: { ms: 10_000, bytes: 16 * 1024 },
  givesWayAfterMs: 5_000,
  lingerMs: 2_000,
};

const retryAfterMs = 5_000;
/** What came is copied into blocks of this size: a chunk of one byte, kept as it is, takes a hundred. A file holds less than one block more than its bytes. */
const blockBytes = 64 * 1024;

type Upload = { blocks: Buffer[]; bytes: number; begunMs: number; isWhole: boolean; cut: (error: AppError) => void };

/**
 * Files on their way in. A file is taken into memory first, and only a whole one goes on to where the work is done: a slow sender holds
 * up nobody, and who waits for a place has nothing to send any more, so that no time limit of a request runs out.
 */
export function createUploads(limits: UploadLimits = standing) {
  /** By shop; who began first comes first. */
  const uploads = new Map<string, Upload>();
  let bytesHeld = 0;

  return {
    /**
     * Takes the file in, and gives it to `work` when it is whole. What is left of a refused one is read and thrown away, so that its
     * sender gets to the answer.
     * @throws AppError RETRY while another file of the shop is at it, or when there is no room; PAYLOAD_TOO_LARGE; REQUEST_TIMEOUT when
     * it comes too slowly.
     */
    async whole<T>(shopId: string, file: Readable, work: (file: readonly Buffer[]) => Promise<T>): Promise<T> {
      if (uploads.has(shopId)) throw notNow('Another file of this shop is being imported.');
      if (uploads.size >= limits.filesMax && !oneGivesWay(0)) throw notNow();
      const upload: Upload = { blocks: [], bytes: 0, begunMs: performance.now(), isWhole: false, cut: () => undefined };
      uploads.set(shopId, upload);
      try {
        await receive(file, upload);
        upload.isWhole = true;
        return await work(blocksOf(upload));
      } finally {
        uploads.delete(shopId);
        bytesHeld -= upload.bytes;
      }
    },
  };

  async function receive(file: Readable, upload: Upload): Promise<void> {
    const cut = Promise.withResolvers<never>();
    upload.cut = cut.reject;
    const watch = watchPace(file, upload);
    const take = (chunk: Buffer): void => keep(upload, chunk);
    try {
      file.on('data', take);
      await Promise.race([finished(file, { writable: false }), cut.promise]);
    } finally {
      clearInterval(watch);
      file.off('data', take).resume();
    }
  }

  function keep(upload: Upload, chunk: Buffer): void {
    bytesHeld += chunk.length;
    append(upload, chunk);
    if (upload.bytes > catalogLimits.importBytesMax) upload.cut(new AppError('PAYLOAD_TOO_LARGE'));
    else if (bytesHeld > limits.bytesMax && !oneGivesWay(bytesHeld - limits.bytesMax)) upload.cut(notNow());
  }

  /** Who does not keep the pace may not hold the connection either, but for the moment in which they hear so. */
  function watchPace(file: Readable, upload: Upload): NodeJS.Timeout {
    let bytesBefore = 0;
    return setInterval(() => {
      const came = upload.bytes - bytesBefore;
      bytesBefore = upload.bytes;
      if (came >= limits.pace.bytes) return;
      upload.cut(new AppError('REQUEST_TIMEOUT', 'The file came too slowly.'));
      setTimeout(() => {
        if (!file.readableEnded) file.destroy();
      }, limits.lingerMs).unref();
    }, limits.pace.ms);
  }

  /**
   * Of those who are still sending and hold at least `bytes`, whoever has been at it for longest: nobody is cut off for room that would
   * not be enough. False when none has for long.
   */
  function oneGivesWay(bytes: number): boolean {
    const longest = [...uploads.values()].find((upload) => !upload.isWhole && upload.bytes >= bytes);
    if (!longest || performance.now() - longest.begunMs < limits.givesWayAfterMs) return false;
    longest.cut(notNow());
    return true;
  }
}

function append(upload: Upload, chunk: Buffer): void {
  for (let at = 0; at < chunk.length;) {
    const used = upload.bytes % blockBytes;
    if (used === 0) upload.blocks.push(Buffer.allocUnsafeSlow(blockBytes));
    const copied = chunk.copy(upload.blocks.at(-1)!, used, at);
    upload.bytes += copied;
    at += copied;
  }
}

const blocksOf = ({ blocks, bytes }: Upload): Buffer[] =>
  blocks.map((block, i) => block.subarray(0, bytes - i * blockBytes));

const notNow = (why?: string): AppError => new AppError('RETRY', why, { retryAfterMs });
