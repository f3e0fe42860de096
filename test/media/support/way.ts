import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect } from 'vitest';
import { newIce, type RawPeer, type Remote } from '../../../load-tests/harness/webrtc/raw-peer.ts';
import { bindingRequestOf } from '../../../load-tests/harness/webrtc/stun.ts';
import { rtpParametersOf } from '../../../load-tests/scenarios/media/bare-mediasoup.ts';
import { payloadType } from '../../../load-tests/scenarios/media/raw-sdp.ts';
import type { Sfu } from '../../../media/sfu.ts';
import { newId } from '../../../shared/ids.ts';
import { eventually } from '../../support/eventually.ts';
import { layerOf, publishLayers, showLayers } from './layered-show.ts';
import { comeAsPage, dtlsParameters, remoteOf } from './raw-clients.ts';

const deadlineMs = 10_000;
/** In which a picture begins for somebody who comes when it has long begun. */
const beginsWithinMs = 2_500;
const rtpHeaderBytes = 12;

type Closeable = { close(): unknown };

/** Somebody who publishes a picture in three layers, and makes a key frame when asked for one alone. */
export async function publishLayered(sfu: Sfu, roomId: string): Promise<Closeable> {
  const where = { roomId, sessionId: newId() };
  const transport = await sfu.open({ ...where, ownerId: newId(), direction: 'publish' });
  await sfu.connect({ ...where, dtlsParameters });
  const encodings = showLayers.map(({ ssrc }) => ({ ssrc }));
  await sfu.produce({ ...where, kind: 'video', rtpParameters: { ...rtpParametersOf.video, encodings } });
  const show = await publishLayers(remoteOf(transport), newIce(), payloadType.video);
  const isThere = () => sfu.running()!.rooms.find(roomId)!.published().length === 1;
  await eventually(isThere, { deadlineMs });
  return show;
}

/**
 * What viewers may ask of a layered picture, whatever lies between it and them: another layer, a beginning in the middle, another network.
 * @param keep given what is to be closed behind it
 */
export async function expectAllOverWay(sfu: Sfu, roomId: string, keep: (each: Closeable) => unknown): Promise<void> {
  const one = await watchLayers(sfu, roomId);
  keep(one);
  await one.shows(2, deadlineMs);
  const late = await watchLayers(sfu, roomId);
  keep(late);
  await late.shows(2, beginsWithinMs);

  await one.wants(0);
  await one.shows(0, deadlineMs);
  await late.shows(2, deadlineMs);
  await one.wants(2);
  await one.shows(2, deadlineMs);

  const { iceParameters } = await sfu.restartIce(one.where);
  const { usernameFragment, password } = iceParameters;
  expect(usernameFragment).not.toBe(one.remote.ufrag);
  const elsewhere = await moveTo({ ...one.remote, ufrag: usernameFragment, password });
  keep(elsewhere);
  await eventually(() => elsewhere.packets() > 20, { deadlineMs });
}

async function watchLayers(sfu: Sfu, roomId: string) {
  const { sessionId, peer, remote, consumers, resume, close } = await comeAsPage(sfu, roomId);
  const where = { roomId, sessionId };
  const [{ consumerId } = { consumerId: '' }] = consumers;
  const layer = latestLayer(peer);
  await resume();
  return {
    where,
    remote,
    wants: (spatialLayer: number) => sfu.layers({ ...where, consumerId, spatialLayer }),
    shows: (expected: number, withinMs: number) => eventually(() => layer() === expected, { deadlineMs: withinMs }),
    close,
  };
}

/** Of the pictures that come; the padding that tries a line, and reports, are none. */
function latestLayer(peer: RawPeer): () => number {
  let layer = -1;
  peer.onPacket((packet) => {
    if ((packet[1]! & 0x7f) === payloadType.video) layer = layerOf(packet.length - rtpHeaderBytes);
  });
  return () => layer;
}

/** The same client at another address: it has a new name there, and what it was sent it is sent on. */
async function moveTo({ address, port, ufrag, password }: Remote) {
  const socket = createSocket('udp4');
  socket.connect(port, address);
  await once(socket, 'connect');
  let packets = 0;
  socket.on('message', (packet) => void (packet[0]! >= 128 && (packets += 1)));
  socket.send(bindingRequestOf({ serverUfrag: ufrag, serverPassword: password, clientUfrag: newIce().ufrag }));
  return { packets: () => packets, close: () => socket.close() };
}
