import { expect, onTestFinished, test } from 'vitest';
import { homeCapabilities } from '../../media/codecs.ts';
import { newId } from '../../shared/ids.ts';
import { newIce } from '../../load-tests/harness/webrtc/raw-peer.ts';
import { rtpParametersOf } from '../../load-tests/scenarios/media/bare-mediasoup.ts';
import { payloadType } from '../../load-tests/scenarios/media/raw-sdp.ts';
import { eventually } from '../support/eventually.ts';
import { publishLayers, showLayers } from './support/layered-show.ts';
import { watchOverLine } from './support/narrow-line.ts';
import { dtlsParameters, remoteOf } from './support/raw-clients.ts';
import { startSfu } from './support/sfu.ts';

const deadlineMs = 30_000;
const transportNumbers = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

test(
  'a viewer whose line becomes narrow gets the small picture, and the large one again when it is wide',
  { timeout: 100_000 },
  async () => {
    const { sfu, events, close } = await startSfu();
    onTestFinished(close);
    const roomId = newId();
    const open = async (direction: 'publish' | 'watch') => {
      const [where, ownerId] = [{ roomId, sessionId: newId() }, newId()];
      const transport = await sfu.open({ ...where, ownerId, direction });
      await sfu.connect({ ...where, dtlsParameters });
      return { where, ownerId, remote: remoteOf(transport) };
    };
    const host = await open('publish');
    const encodings = showLayers.map(({ ssrc }) => ({ ssrc }));
    await sfu.produce({ ...host.where, kind: 'video', rtpParameters: { ...rtpParametersOf.video, encodings } });
    const show = await publishLayers(host.remote, newIce(), payloadType.video);
    onTestFinished(show.close);
    const viewer = await open('watch');
    const asked = await eventually(
      async () => {
        const { consumers } = await sfu.consume({ ...viewer.where, rtpCapabilities: homeCapabilities as never });
        return consumers[0];
      },
      { deadlineMs },
    );
    const { headerExtensions = [], encodings: [sent] = [] } = asked.rtpParameters as never as {
      headerExtensions?: { uri: string; id: number }[];
      encodings?: { ssrc: number }[];
    };
    const extensionId = headerExtensions.find(({ uri }) => uri === transportNumbers)!.id;
    const line = await watchOverLine(viewer.remote, newIce(), { ssrc: sent!.ssrc, extensionId });
    onTestFinished(line.close);
    await sfu.resume({ ...viewer.where, consumerIds: [asked.consumerId] });
    const shows = (layer: number) => eventually(() => line.layer() === layer, { deadlineMs });
    await shows(2);
    line.carries(130_000);
    await shows(0);
    const told = () => events.findLast((event) => event.type === 'quality');
    await eventually(() => told()?.spatialLayer === 0);
    line.carries(Infinity);
    await shows(2);
    await eventually(() => told()?.spatialLayer === 2);

    // It is told whose line it is when what they send is lost before it gets here.
    const losing = () => events.findLast((event) => event.type === 'losing')?.ownerIds.join(' ');
    await eventually(() => losing() === '', { deadlineMs });
    show.lose(0.6);
    await eventually(() => losing() === host.ownerId, { deadlineMs });
    show.lose(0);
    await eventually(() => losing() === '', { deadlineMs });
    expect(events.filter(({ type }) => type === 'closed')).toEqual([]);
  },
);
