/** Limits of one media process. Each names what happens beyond it. */
export const mediaProcessLimits = {
  /**
   * Rooms with at least one session. Beyond: new rooms are refused; but whoever publishes takes the place of a room in which nobody
   * does, the one with the fewest viewers.
   */
  roomsMax: 2_000,
  /** Viewers of one room. Beyond: new ones are refused. Publishers have bounds of their own. */
  viewersPerRoomMax: 20_000,
  /**
   * Sessions over which one person watches one room, by pages and players. Beyond: the oldest one that nobody has connected makes
   * place, if it had `leftAloneMs` for it; else the new one is refused until then.
   */
  watchSessionsPerOwnerMax: 10,
  /** Far longer than a handshake takes: who begins many at once must not keep each of them from being finished. */
  leftAloneMs: 5_000,
  /** A session whose client has not finished its handshake by then is closed. */
  connectWithinMs: 15_000,
  /**
   * A viewer who has asked for no stream has no handshake to finish, and nothing that tells whether they are still there. A session
   * that asks for none of the streams there are for so long is closed,
   */
  askWithinMs: 60_000,
  /** and one for which there was none either, after so long: a page that still waits opens another. */
  waitWithinMs: 600_000,
  /**
   * Viewers of all rooms who have asked for no stream. Beyond, and as soon as the server has no room left (`Load.hasRoom`): the oldest
   * of the network that has most makes place for one of another network; the rest is refused. When there is no room left, first the
   * oldest in any room with nothing to watch makes place for one who comes to watch something.
   */
  waitingMax: 20_000,
  /**
   * Sessions of all people whose handshake is not finished, of viewers and of publishers apart: a crowd that comes back must not
   * keep the host out. Beyond: the oldest of the room that has most of them makes place for one of a room with fewer; in that room
   * itself, of the network that has most, for one of another network. The rest is refused. Connected ones go on.
   */
  halfOpenMax: { watch: 1_000, publish: 200 },
  /**
   * The same for one person who publishes in one room. Beyond: the oldest makes place, so that somebody who retries is never locked
   * out. Viewers have `watchSessionsPerOwnerMax` alone: they may well open a page and some players at once.
   */
  halfOpenPerPublisherMax: 3,
  /** Dialects of WHEP players in one room at a time. Beyond: players with yet other payload types are refused. */
  dialectsPerRoomMax: 12,
  /** The same that came with one person, so that nobody uses them up alone. */
  dialectsPerOwnerMax: 2,
  /** And from one network: guests cost nothing. */
  dialectsPerNetworkMax: 6,
  /** How much more than they were told a publisher may send before they are put off the air: senders overshoot for a moment. */
  publisherBitrateSlack: 1.5,
  /** Over so long, ms. */
  publisherBitrateOverMs: 5_000,
  /** Who was put off the air for that is let in again after so long: an encoder begins anew at once, and sends what it sent. */
  publisherPauseMs: 30_000,
  /** Publishers of whom it is remembered what they sent. Beyond: whoever has sent nothing for longest begins from nothing. */
  publishersWatchedMax: 10_000,
  /** Share of a core above which a worker takes no further viewers while another one has less. */
  workerLoadMax: 0.7,
  /** Without an answer to ICE consent checks for this long a client counts as gone. */
  iceConsentSeconds: 15,
  /**
   * Key-frame requests of all viewers within this time are one request to the publisher: the first goes out at once, those
   * that come before the time is over wait for its end, and are dropped when a key frame has come meanwhile.
   */
  keyFrameRequestEveryMs: 400,
  /** No packet from a publisher for this long: silence. Who reconnects within it was never away. */
  silentAfterMs: 3_000,
} as const;
