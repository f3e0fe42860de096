import type { RouterRtpCodecCapability, RtpCapabilities, RtpCodecCapability } from 'mediasoup/types';

/** A codec of a router, and the number that packets of it have when they are sent again; null for sound. */
export type NumberedCodec = { codec: RouterRtpCodecCapability; rtx: number | null };

/** mediasoup gives each video codec the first number of these that no codec before it has. */
const choices = [...range(100, 127), ...range(96, 99)];
/** Comfort noise at a rate that no client has: takes up a number, and is sent by nobody. */
const filler = { kind: 'audio', mimeType: 'audio/CN', clockRate: 32_000 } as const;

export const isFiller = ({ mimeType, clockRate }: Pick<RtpCodecCapability, 'mimeType' | 'clockRate'>): boolean =>
  mimeType === filler.mimeType && clockRate === filler.clockRate;

/**
 * The codecs in an order, and with fillers in between, that has mediasoup choose these numbers for RTX: there is no other way to say
 * them. Not all wishes can be had together; test/media/watching.test.ts looks at what became of ours.
 */
export function steeringRtx(codecs: readonly NumberedCodec[]): RouterRtpCodecCapability[] {
  const taken = new Set(codecs.flatMap(({ codec, rtx }) => [codec.preferredPayloadType, rtx]));
  const placeOf = ({ rtx }: NumberedCodec): number => (rtx === null ? -1 : choices.indexOf(rtx));
  const steered: RouterRtpCodecCapability[] = [];
  let place = 0;
  for (const numbered of codecs.toSorted((one, other) => placeOf(one) - placeOf(other))) {
    for (; place < placeOf(numbered); place++) {
      const number = choices[place]!;
      if (!taken.has(number)) steered.push({ ...filler, preferredPayloadType: number });
    }
    steered.push(numbered.codec);
  }
  return steered;
}

/** How packets of this codec come when they are sent again. */
export const rtxOf = ({ codecs = [] }: RtpCapabilities, payloadType: number): RtpCodecCapability | undefined =>
  codecs.find((codec) => isRtx(codec) && codec.parameters?.['apt'] === payloadType);

export const isRtx = ({ mimeType }: { mimeType: string }): boolean => /\/rtx$/i.test(mimeType);

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
