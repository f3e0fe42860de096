import {
  connectRawPeer,
  senderProfiles,
  type OwnIce,
  type Remote,
} from '../../../load-tests/harness/webrtc/raw-peer.ts';
import { createSrtcpSender } from '../../../load-tests/harness/webrtc/srtp.ts';
import { layerOf } from './layered-show.ts';

/** Numbers of RFC 8888's forerunner (draft-holmer-rmcat-transport-wide-cc-extensions-01), by which browsers report what came when. */
const transportFeedback = { type: 205, format: 15 };
const reportEveryMs = 50;
/** What would wait longer in front of the line is lost. */
const queueMsMax = 300;
/** Layers are seen over so long. */
const lookBackMs = 300;
const rtpHeaderBytes = 12;

/** A packet by its number on the transport, and when it came out of the line; null when it was lost. */
type Passed = { number: number; atMs: number | null };

/** A viewer behind a line that can be narrowed, who reports as browsers do when each packet came. The line itself is only reckoned. */
export async function watchOverLine(
  remote: Remote,
  ice: OwnIce,
  { ssrc, extensionId }: { ssrc: number; extensionId: number },
) {
  const peer = await connectRawPeer(remote, { ice, srtpProfiles: senderProfiles });
  const protect = createSrtcpSender(peer.keying.client);
  let bitsPerSecond = Infinity;
  let freeAtMs = 0;
  let reports = 0;
  let passed: Passed[] = [];
  let seen: { layer: number; atMs: number }[] = [];

  peer.onPacket((packet) => {
    const number = transportNumberOf(packet, extensionId);
    if (number === null) return;
    const nowMs = performance.now();
    const outMs = Math.max(nowMs, freeAtMs) + (packet.length * 8_000) / bitsPerSecond;
    const isLost = outMs - nowMs > queueMsMax;
    passed.push({ number, atMs: isLost ? null : outMs });
    if (isLost) return;
    freeAtMs = outMs;
    const isPicture = packet.readUInt32BE(8) === ssrc; // And nothing that only tries what the line carries.
    if (isPicture) seen.push({ layer: layerOf(packet.length - rtpHeaderBytes), atMs: outMs });
  });
  const reporting = setInterval(report, reportEveryMs);

  return {
    /** What the line carries from now on. */
    carries: (bits: number): void => void ((bitsPerSecond = bits), (freeAtMs = 0)),
    /** The one layer that comes now; null while there are several, or none. */
    layer(): number | null {
      const nowMs = performance.now();
      seen = seen.filter(({ atMs }) => atMs > nowMs - lookBackMs);
      const layers = new Set(seen.filter(({ atMs }) => atMs <= nowMs).map(({ layer }) => layer));
      return layers.size === 1 ? [...layers][0]! : null;
    },
    close() {
      clearInterval(reporting);
      peer.close();
    },
  };

  function report(): void {
    const nowMs = performance.now();
    const last = passed.findLastIndex(({ atMs }) => atMs !== null && atMs <= nowMs);
    if (last < 0) return;
    peer.send(protect(feedbackOf(passed.slice(0, last + 1), ssrc, reports++)));
    passed = passed.slice(last + 1);
  }
}

/** In a header extension of one byte (RFC 8285). */
function transportNumberOf(packet: Buffer, extensionId: number): number | null {
  const isRtcp = packet[1]! >= 192 && packet[1]! <= 223;
  const hasExtensions = (packet[0]! & 0x10) !== 0;
  if (isRtcp || !hasExtensions || packet.readUInt16BE(rtpHeaderBytes) !== 0xbede) return null;
  const end = 16 + packet.readUInt16BE(14) * 4;
  for (let at = 16; at < end; at += packet[at] === 0 ? 1 : (packet[at]! & 0x0f) + 2)
    if (packet[at]! >> 4 === extensionId) return packet.readUInt16BE(at + 1);
  return null;
}

const unitMs = 0.25;
const referenceUnitMs = 64;
const largeDelta = 2;

/** The last of them came. */
function feedbackOf(passed: readonly Passed[], ssrc: number, report: number): Buffer {
  const base = passed[0]!.number;
  const cameAtMs = new Map(passed.map(({ number, atMs }) => [(number - base) & 0xffff, atMs]));
  const count = Math.max(...cameAtMs.keys()) + 1;
  const reference = Math.floor(passed.find(({ atMs }) => atMs !== null)!.atMs! / referenceUnitMs);
  const [symbols, deltas]: [number[], number[]] = [[], []];
  let units = (reference * referenceUnitMs) / unitMs;
  for (let i = 0; i < count; i++) {
    const atMs = cameAtMs.get(i) ?? null;
    symbols.push(atMs === null ? 0 : largeDelta);
    if (atMs === null) continue;
    deltas.push(Math.round(atMs / unitMs) - units);
    units += deltas.at(-1)!;
  }
  const chunks = Array.from({ length: Math.ceil(count / 7) }, (_, i) =>
    symbols.slice(7 * i, 7 * i + 7).reduce((chunk, symbol, at) => chunk | (symbol << (12 - 2 * at)), 0xc000),
  );
  const bytes = Buffer.alloc(4 * Math.ceil((20 + 2 * (chunks.length + deltas.length)) / 4));
  bytes.set([0x80 | transportFeedback.format, transportFeedback.type]);
  bytes.writeUInt16BE(bytes.length / 4 - 1, 2);
  bytes.writeUInt32BE(1, 4);
  bytes.writeUInt32BE(ssrc, 8);
  bytes.writeUInt16BE(base, 12);
  bytes.writeUInt16BE(count, 14);
  bytes.writeUIntBE(reference & 0xff_ff_ff, 16, 3);
  bytes[19] = report & 0xff;
  chunks.forEach((chunk, i) => bytes.writeUInt16BE(chunk, 20 + 2 * i));
  deltas.forEach((delta, i) => bytes.writeInt16BE(delta, 20 + 2 * (chunks.length + i)));
  return bytes;
}
