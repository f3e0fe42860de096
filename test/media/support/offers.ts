import { readFileSync } from 'node:fs';

/** An offer of test/media/offers, with the line ends that SDP has. */
export const offerOf = (name: string): string =>
  readFileSync(new URL(`../offers/${name}.sdp`, import.meta.url), 'utf8').replaceAll(/\r?\n/g, '\r\n');
