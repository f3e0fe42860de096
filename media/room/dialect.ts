import { generateRouterRtpCapabilities } from 'mediasoup/ortc';
import type { RouterRtpCodecCapability, RtpCodecParameters } from 'mediasoup/types';

/**
 * The payload types of one router. A mediasoup consumer sends each codec under the number its router has for it; a WHEP
 * player expects the numbers of its own offer. A player whose numbers differ is therefore served from a router that
 * speaks them, to which the room's streams are piped once, however many such players there are.
 */
export type Dialect = { name: string; codecs: readonly RouterRtpCodecCapability[] };

/**
 * @param pairs  each codec a player is to get, as it goes over the home router, and the number the player has for it; the more
 *               important ones first. mediasoup chooses numbers for RTX by itself, in the order in which codecs are named: one
 *               whose number is taken by then is left out.
 */
export function dialectOf(pairs: readonly { codec: RtpCodecParameters; payloadType: number }[]): Dialect {
  const all = pairs.map(({ codec, payloadType }) => asRouterCodec(codec, payloadType));
  // Two publishers often send the same codec, and a router takes each number once. Sound first: it has no RTX.
  const distinct = [...new Map(all.map((codec) => [nameOf(codec), codec])).values()];
  const codecs: RouterRtpCodecCapability[] = [];
  for (const codec of distinct.toSorted((one, other) => one.kind.localeCompare(other.kind)))
    if (fitTogether([...codecs, codec])) codecs.push(codec);
  return { name: codecs.map(nameOf).join(' '), codecs };
}

function fitTogether(codecs: readonly RouterRtpCodecCapability[]): boolean {
  try {
    generateRouterRtpCapabilities(structuredClone([...codecs]));
    return true;
  } catch {
    return false;
  }
}

const asRouterCodec = (codec: RtpCodecParameters, payloadType: number): RouterRtpCodecCapability => ({
  kind: codec.mimeType.startsWith('audio') ? 'audio' : 'video',
  mimeType: codec.mimeType,
  clockRate: codec.clockRate,
  ...(codec.channels ? { channels: codec.channels } : {}),
  preferredPayloadType: payloadType,
  parameters: codec.parameters as Record<string, unknown>,
});

const nameOf = ({ mimeType, preferredPayloadType, parameters }: RouterRtpCodecCapability): string =>
  `${mimeType}/${String(preferredPayloadType)}/${(parameters as Record<string, string>)['profile-level-id'] ?? ''}`;
