/** A browser's MediaStreamTrack; where the types of browsers are not at hand, what is used of it here. */
export type MediaTrack = typeof globalThis extends { MediaStreamTrack: { prototype: infer Track } }
  ? Track
  : {
      readonly id: string;
      readonly kind: string;
      readonly readyState: string;
      enabled: boolean;
      stop(): void;
      getSettings(): { height?: number };
    };
