import { readFileSync } from 'node:fs';

/** An offer of test/media/offers, with the line ends that SDP has. */
export const offerOf = (name: string): string =>
  readFileSync(new URL(`../offers/${name}.sdp`, import.meta.url), 'utf8').replaceAll(/\r?\n/g, '\r\n');

/** An offer whose codecs have other payload types. In a fingerprint, which is another one in each run, the same digits may stand too. */
export const renumbered = (sdp: string, from: number, to: number): string =>
  sdp.replaceAll(/^(?:m=|a=(?:rtpmap|rtcp-fb|fmtp):).*$/gm, (line) =>
    line.replaceAll(new RegExp(`(?<=[: ])${from}(?![\\d.])`, 'g'), String(to)),
  );
