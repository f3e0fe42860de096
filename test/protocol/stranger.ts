import { io, type Socket } from 'socket.io-client';

/**
 * A client as a stranger writes it who has docs/protocol.md and nothing else: it imports none of our code, not even a type. What it
 * needs and the page does not say is a fault of the page.
 */

type Position = { epoch: string; offset: number };
type Entry = { offset: number; atMs: number; kind: string; body: Record<string, unknown> };
type Frame = {
  roomId: string;
  epoch: string;
  from: number;
  to: number;
  entries: Entry[];
  omitted?: number;
  aggregates?: Record<string, number | string>;
};
type Joined = {
  position: Position;
  recovered: boolean;
  entries: Entry[];
  omitted: number;
  snapshot: { room: { state: string }; parts: { chat: { settings: { slowSeconds: number } } } } | null;
  aggregates: Record<string, number | string>;
  serverNowMs: number;
};
type Reply<T> = { ok: true; data: T } | { ok: false; error: Refusal };
type Refusal = { code: string; message: string; retryable: boolean; retryAfterMs?: number };
type Session = { person: { personId: string }; accessToken: string; refreshToken: string };

/** What the stranger's application was told, in order. */
export type Told =
  | ({ what: 'snapshot' } & Position)
  | { what: 'omitted'; count: number }
  | { what: 'entry'; offset: number; kind: string; body: Record<string, unknown> };

const answerMs = 8_000;
const firstWaitMs = 500;
const longestWaitMs = 15_000;

export class Stranger {
  readonly told: Told[] = [];
  aggregates: Record<string, number | string> = {};
  clockOffsetMs = 0;
  endedWith: string | null = null;
  position: Position | null = null;
  removedFor: string | null = null;
  readonly #url: string;
  #session: Session;
  readonly #socket: Socket;
  #roomId: string | null = null;
  #inRoom = false;
  #failures = 0;
  #wait: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** "Sessions": a guest needs a name. */
  static async arrive(url: string, name: string): Promise<Stranger> {
    return new Stranger(url, await post<Session>(`${url}/api/session/guest`, { name }));
  }

  private constructor(url: string, session: Session) {
    this.#url = url;
    this.#session = session;
    // "The socket": WebSocket only; the token and the protocol in the handshake.
    this.#socket = io(url, {
      transports: ['websocket'],
      reconnection: false,
      auth: (give) => give({ token: this.#session.accessToken, protocol: 1 }),
    });
    this.#socket.on('connect', () => {
      this.#failures = 0;
      if (this.#roomId) void this.#join();
    });
    this.#socket.on('disconnect', () => {
      this.#inRoom = false;
      this.#later(() => this.#socket.connect());
    });
    this.#socket.on('connect_error', (error) => void this.#refused((error as { data?: Refusal }).data?.code));
    this.#socket.on('session:ended', ({ code }: { code: string }) => void this.#ended(code));
    this.#socket.on('room:frame', (frame: Frame) => this.#take(frame));
    this.#socket.on('room:removed', ({ reason }: { reason: string }) => {
      this.removedFor = reason;
      this.#roomId = null;
    });
  }

  get personId(): string {
    return this.#session.person.personId;
  }

  get isIn(): boolean {
    return this.#inRoom;
  }

  enter(roomId: string): void {
    this.#roomId = roomId;
    if (this.#socket.connected) void this.#join();
  }

  /** "Commands": one answer; without one, or when it says so, the same request again. */
  async command<T>(name: string, input: object): Promise<T> {
    for (;;) {
      const reply = (await this.#socket
        .timeout(answerMs)
        .emitWithAck(name, input)
        .catch(() => null)) as Reply<T> | null;
      if (reply?.ok) return reply.data;
      if (reply && !reply.error.retryable) throw Object.assign(new Error(reply.error.message), reply.error);
      await pause(Math.max(reply?.error.retryAfterMs ?? 0, Math.random() * firstWaitMs));
    }
  }

  /** "Sessions": only the newest refresh token works; an open socket is kept beyond its token. */
  async renew(): Promise<{ accessExpiresAtMs: number }> {
    this.#session = await post<Session>(`${this.#url}/api/session/refresh`, {
      refreshToken: this.#session.refreshToken,
    });
    return this.command('session:renew', { accessToken: this.#session.accessToken });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#wait);
    this.#socket.disconnect();
  }

  /** "Joining" and "Coming back". */
  async #join(): Promise<void> {
    const roomId = this.#roomId!;
    const sentAtMs = Date.now();
    try {
      const input = this.position ? { roomId, position: this.position } : { roomId };
      const reply = (await this.#socket.timeout(answerMs).emitWithAck('room:join', input)) as Reply<Joined>;
      if (!reply.ok) return this.#notLetIn(reply.error);
      this.#begin(reply.data, sentAtMs);
    } catch {
      this.#later(() => this.#join()); // No answer.
    }
  }

  #notLetIn({ code, retryable }: Refusal): void {
    if (retryable) return this.#later(() => this.#join());
    this.removedFor = code;
    this.#roomId = null;
  }

  #begin({ position, recovered, entries, omitted, aggregates, serverNowMs }: Joined, sentAtMs: number): void {
    this.clockOffsetMs = serverNowMs - (sentAtMs + Date.now()) / 2;
    const seen = recovered && this.position ? this.position.offset : 0;
    if (!recovered) this.told.push({ what: 'snapshot', ...position });
    else if (omitted > 0) this.told.push({ what: 'omitted', count: omitted });
    // With a snapshot the entries are there to be shown, and are before its position.
    if (recovered) this.#tell(entries.filter(({ offset }) => offset > seen));
    this.position = position;
    this.aggregates = aggregates;
    this.#inRoom = true;
  }

  /** "Frames": the three cases. */
  #take(frame: Frame): void {
    if (!this.#inRoom || !this.position || frame.roomId !== this.#roomId) return;
    if (frame.epoch !== this.position.epoch || frame.from > this.position.offset) {
      this.#inRoom = false;
      return this.#later(() => this.#join());
    }
    if (frame.aggregates) Object.assign(this.aggregates, frame.aggregates);
    if (frame.to <= this.position.offset) return;
    const { offset: seen } = this.position;
    const fresh = frame.entries.filter(({ offset }) => offset > seen);
    const omitted = Math.min(frame.omitted ?? 0, frame.to - seen - fresh.length);
    if (omitted > 0) this.told.push({ what: 'omitted', count: omitted });
    this.#tell(fresh);
    this.position = { epoch: frame.epoch, offset: frame.to };
  }

  #tell(entries: readonly Entry[]): void {
    for (const { offset, kind, body } of entries) this.told.push({ what: 'entry', offset, kind, body });
  }

  async #refused(code: string | undefined): Promise<void> {
    if (code === 'TOKEN_EXPIRED') this.#session = await this.#refreshed();
    if (code === 'UNAUTHENTICATED' || code === 'SESSION_REVOKED' || code === 'UPGRADE_REQUIRED') this.endedWith = code;
    else this.#later(() => this.#socket.connect());
  }

  async #ended(code: string): Promise<void> {
    this.endedWith = code === 'SESSION_REVOKED' ? code : null;
    if (this.endedWith) this.close();
    else if (code === 'TOKEN_EXPIRED') this.#session = await this.#refreshed();
  }

  #refreshed(): Promise<Session> {
    return post<Session>(`${this.#url}/api/session/refresh`, { refreshToken: this.#session.refreshToken });
  }

  /** "Reconnect with a random delay that doubles from 0.4 s to 15 s." */
  #later(run: () => unknown): void {
    if (this.#closed) return;
    const fullMs = Math.min(longestWaitMs, firstWaitMs * 2 ** this.#failures++);
    clearTimeout(this.#wait);
    this.#wait = setTimeout(() => void run(), Math.random() * fullMs);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function post<T>(url: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const reply = (await response.json()) as Reply<T>;
  if (!reply.ok) throw Object.assign(new Error(reply.error.message), reply.error);
  return reply.data;
}
