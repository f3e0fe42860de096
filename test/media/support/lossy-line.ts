import { createSocket } from 'node:dgram';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export type LossyLine = {
  /** Where the player is to ask instead. */
  url: string;
  /** Packets of sound and picture that were lost on the way to the player. */
  lost(): number;
  close(): void;
};

/** Between one WHEP player and the server: their words pass, and of the packets to the player every so-manieth does not arrive. */
export async function lossyLine(serverUrl: string, loseEvery: number): Promise<LossyLine> {
  const [near, far] = [createSocket('udp4'), createSocket('udp4')];
  await new Promise<void>((resolve) => near.bind(0, '127.0.0.1', resolve));
  let player = { address: '', port: 0 };
  let server = { address: '', port: 0 };
  let packets = 0;
  near.on('message', (packet, from) => {
    player = from;
    far.send(packet, server.port, server.address);
  });
  far.on('message', (packet) => {
    if (isMedia(packet) && ++packets % loseEvery === 0) return;
    near.send(packet, player.port, player.address);
  });

  const http = createServer((request, response) => void pass(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    lost: () => Math.floor(packets / loseEvery),
    close() {
      http.closeAllConnections();
      http.close();
      near.close();
      far.close();
    },
  };

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
    const { method = 'GET', url = '/' } = request;
    const body = method === 'POST' || method === 'PATCH' ? await buffer(request) : null;
    const answer = await fetch(new URL(url, serverUrl), { method, headers: headers as Record<string, string>, body });
    const own = [...answer.headers].filter(
      ([name]) => !/^(content-(length|encoding)|transfer-encoding|connection)$/.test(name),
    );
    const text = await answer.text();
    response.writeHead(answer.status, Object.fromEntries(own)).end(throughHere(text));
  }

  /** The answer with this line as the only way to the server. */
  function throughHere(answer: string): string {
    const [, address, port] = /^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) /m.exec(answer) ?? [];
    if (!address) return answer;
    server = { address, port: Number(port) };
    const here = `a=candidate:1 1 udp 1 127.0.0.1 ${near.address().port} typ host\r\n`;
    return answer.replaceAll(/^a=candidate:.*\r\n/gm, '').replaceAll(/^a=end-of-candidates\r\n/gm, `${here}$&`);
  }
}

/** RTP, and none of RTCP (RFC 5761), STUN and DTLS. */
const isMedia = (packet: Buffer): boolean => packet[0]! >= 128 && !(packet[1]! >= 192 && packet[1]! <= 223);
