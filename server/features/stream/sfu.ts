import type { MediaEvent, MediaVerbs } from '../../../shared/media-link.ts';

/**
 * The media server, as the gateway sees it: in this process, or on another host (sfu.http.ts). It trusts its caller, so
 * every right is checked before a verb is called.
 *
 * Verbs throw AppErrors: NOT_FOUND when a session has ended, RETRY and UNAVAILABLE while media can't be had, BAD_INPUT,
 * CODECS_REFUSED and OFFER_REFUSED for what the client said. Session ids are chosen by the caller and unguessable.
 */
export type Sfu = MediaVerbs & {
  /** Hears every event from now on; returns how to stop. After an event `reset` some may have been missed. */
  listen(hear: (event: MediaEvent) => void): () => void;
};
