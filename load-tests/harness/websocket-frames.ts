/** Bytes of one unfinished frame a socket keeps at most; a longer one is a mistake of the server under test. */
const unfinishedBytesMax = 8 * 1024 * 1024;

export const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

type OnFrame = (opcode: number, bytes: Buffer, start: number, end: number) => void;

/**
 * Cuts a stream of bytes into WebSocket frames of a server (unmasked, unfragmented). Payloads are handed over in place:
 * a frame that arrived whole is never copied.
 */
export class FrameCutter {
  #unfinished: Buffer | null = null;
  readonly #onFrame: OnFrame;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  /** @throws RangeError when a frame is longer than any the server may send. */
  push(chunk: Buffer, start = 0): void {
    const bytes = this.#unfinished ? Buffer.concat([this.#unfinished, chunk.subarray(start)]) : chunk;
    let at = this.#unfinished ? 0 : start;
    this.#unfinished = null;
    while (at < bytes.length) {
      const payload = payloadAt(bytes, at);
      if (!payload || payload.end > bytes.length) return this.#keep(bytes.subarray(at));
      this.#onFrame(bytes[at]! & 0x0f, bytes, payload.start, payload.end);
      at = payload.end;
    }
  }

  /** A copy: the chunk's memory is used again for the next read. */
  #keep(rest: Buffer): void {
    if (rest.length > unfinishedBytesMax) throw new RangeError(`a frame of more than ${unfinishedBytesMax} bytes`);
    this.#unfinished = Buffer.from(rest);
  }
}

/** Where the payload of the frame at `at` lies; null when not even its header is there. */
function payloadAt(bytes: Buffer, at: number): { start: number; end: number } | null {
  if (bytes.length < at + 2) return null;
  const short = bytes[at + 1]! & 0x7f;
  if (short < 126) return { start: at + 2, end: at + 2 + short };
  const headerBytes = short === 126 ? 4 : 10;
  if (bytes.length < at + headerBytes) return null;
  const length = short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
  return { start: at + headerBytes, end: at + headerBytes + length };
}

/** A frame as a client must send it. The mask is zero, so that masking costs the load nothing; the server unmasks as ever. */
export function clientFrame(opcode: number, payload: string): Buffer {
  const length = Buffer.byteLength(payload);
  const headerBytes = length < 126 ? 6 : length < 65_536 ? 8 : 14;
  const frame = Buffer.alloc(headerBytes + length);
  writeHeader(frame, opcode, length, 0x80);
  frame.write(payload, headerBytes);
  return frame;
}

/** A frame as a server sends it: no mask. */
export function serverFrame(opcode: number, payload: string): Buffer {
  const length = Buffer.byteLength(payload);
  const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.alloc(headerBytes + length);
  writeHeader(frame, opcode, length, 0);
  frame.write(payload, headerBytes);
  return frame;
}

function writeHeader(frame: Buffer, opcode: number, length: number, maskBit: 0 | 0x80): void {
  frame[0] = 0x80 | opcode;
  if (length < 126) frame[1] = maskBit | length;
  else if (length < 65_536) {
    frame[1] = maskBit | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = maskBit | 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
}
