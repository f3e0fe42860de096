import type { RawPeer } from '../../harness/webrtc/raw-peer.ts';

/** A streaming server that is up, with one show in it. */
export type MediaServer = {
  /** The show as the server gets it. It does not run until it is started. */
  show: MediaShow;
  /** One more viewer, connected and receiving. */
  watch(): Promise<RawPeer>;
  /** CPU time of all its processes; databases are not in it. */
  cpuMs(): number;
  residentBytes(): number;
  stop(): Promise<void>;
};

export type MediaShow = {
  start(): void;
  stop(): void;
  /** Packets sent so far. */
  sent(): number;
  /** How often the server has asked for a key frame. */
  keyFrameRequests(): number;
};

/** Ours, a peer or a floor. */
export type MediaServerKind = { name: string; setUp: string; start(): Promise<MediaServer> };
