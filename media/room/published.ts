import type { Producer } from 'mediasoup/types';
import type { MediaKind } from '../../shared/protocol/media.ts';
import type { Leg } from './leg.ts';

/** A stream of a publisher, as others can watch it. */
export type Published = { producer: Producer; ownerId: string; kind: MediaKind; home: Leg };
