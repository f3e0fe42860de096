import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Output } from '../../shared/protocol/index.ts';
import { eventually } from '../support/eventually.ts';
import { newKey, twoGateways, type TwoGateways, type Visitor } from '../room/two-gateways.ts';

type Sent = Output<'chat:send'>;
type More = { replyToId?: string; mentions?: string[] };

describe('the request key of a message, on two gateways', () => {
  let house: TwoGateways;

  beforeAll(async () => {
    house = await twoGateways();
  });
  afterAll(() => house.close());

  /** The host, and one viewer with a connection to each gateway. */
  async function viewerTwice() {
    const { host, roomId } = await house.show();
    const staff = await house.visit(house.here, roomId, host);
    const viewer = await house.visit(house.here, roomId);
    return { roomId, staff, viewer, elsewhere: await house.visit(house.there, roomId, viewer.session) };
  }
  const say = (by: Visitor, text: string, requestKey: string, more: More = {}): Promise<Sent> =>
    by.client.request('chat:send', { roomId: by.room.roomId, text, requestKey, ...more });
  const texts = (visitor: Visitor, wanted: number) =>
    eventually(() => visitor.texts().length >= wanted && visitor.texts());

  test('the same key with the same contents is one message with one answer, whoever is asked', async () => {
    const { staff, viewer, elsewhere } = await viewerTwice();
    const key = newKey();

    const first = await say(viewer, 'how tall is it?', key);
    await say(viewer, 'something else', newKey());
    const again = [await say(viewer, 'how tall is it?', key), await say(elsewhere, 'how tall is it?', key)];

    expect(again).toEqual([first, first]);
    expect(await texts(staff, 2)).toEqual(['how tall is it?', 'something else']);
  });

  test.each(['viewer', 'staff'] as const)('the same key with other contents is refused: %s', async (who) => {
    const { staff, viewer, elsewhere } = await viewerTwice();
    const speaker = who === 'staff' ? staff : viewer;
    const key = newKey();
    await say(speaker, 'first', key);
    const other = say(who === 'staff' ? staff : elsewhere, 'second', key);

    await expect(other).rejects.toMatchObject({ code: 'KEY_REUSED' });
    await say(speaker, 'between', newKey());
    await expect(say(speaker, 'second', key)).rejects.toMatchObject({ code: 'KEY_REUSED' });
    const mentioned = say(speaker, 'first', key, { mentions: [staff.session.person.personId] });
    await expect(mentioned).rejects.toMatchObject({ code: 'KEY_REUSED' });
    expect(await texts(staff, 2)).toEqual(['first', 'between']);
  });

  test('who was heard and then muted, slowed down or held back gets the answer that got lost', async () => {
    const { roomId, staff, viewer } = await viewerTwice();
    const [said, held] = [newKey(), newKey()];
    const first = await say(viewer, 'said in time', said);
    await staff.client.request('chat:configure', { roomId, slowSeconds: 120, hold: 'links' });
    const waiting = await eventually(async () => {
      const answer = await say(viewer, 'look at https://example.test', held);
      return answer.outcome === 'held' && answer;
    });
    const slowed = await say(viewer, 'said in time', said);
    await staff.client.request('chat:configure', { roomId, slowSeconds: 0, hold: 'none' });
    const personId = viewer.session.person.personId;
    await staff.client.request('moderation:sanction', { roomId, personId, kind: 'mute' });
    await eventually(async () => (await say(viewer, 'am I muted?', newKey())).outcome === 'muted');
    const answers = [await say(viewer, 'said in time', said), await say(viewer, 'look at https://example.test', held)];

    expect([slowed, ...answers]).toEqual([first, first, waiting]);
    await expect(say(viewer, 'something else', said)).rejects.toMatchObject({ code: 'KEY_REUSED' });
  });

  test('a message that was taken back is not said again under its key', async () => {
    const { roomId, staff, viewer } = await viewerTwice();
    const key = newKey();
    const first = await say(viewer, 'a slip', key);
    const messageId = first.outcome === 'sent' ? first.message.messageId : '';
    await viewer.client.request('chat:delete', { roomId, messageId });
    await say(viewer, 'between', newKey());

    expect(await say(viewer, 'a slip', key)).toEqual(first);
    await expect(say(viewer, 'another', key)).rejects.toMatchObject({ code: 'KEY_REUSED' });
    // Taken back within the same frame it was never shown at all.
    const shown = await eventually(() => staff.texts().includes('between') && staff.texts());
    expect(['a slip, between', 'between']).toContain(shown.join(', '));
  });
});
