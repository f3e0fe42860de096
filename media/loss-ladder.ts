import type { Consumer } from 'mediasoup/types';

export type LossLadder = {
  /** Chooses the simulcast layer of this consumer from now on. */
  watch(consumer: Consumer): void;
};

/** Below this score (10 is perfect) the viewer loses too much: one layer down, at once. */
const stepDownBelowScore = 7;
/** With no loss for this long: one layer up, to try. */
const stepUpAfterMs = 8_000;
/** How much longer to wait after each try that failed, so that a weak network is not disturbed again and again. */
const backOffFactor = 2;
const stepUpAfterMsMax = 60_000;

/** Chooses layers by loss, for WHEP players: their bandwidth is not estimated (sdp/watch-answer.ts). Receiver reports every client sends. */
export function createLossLadder(nowMs: () => number): LossLadder {
  return {
    watch(consumer) {
      if (consumer.type === 'simple') return;
      const topLayer = layersOf(consumer) - 1;
      let layer = topLayer;
      let calmSinceMs = nowMs();
      let waitMs = stepUpAfterMs;
      let climbing: NodeJS.Timeout | undefined;

      consumer.on('score', () => {
        if (!viewerLoses(consumer) || layer === 0) return;
        if (nowMs() - calmSinceMs < waitMs) waitMs = Math.min(waitMs * backOffFactor, stepUpAfterMsMax);
        stepTo(layer - 1);
      });
      consumer.observer.once('close', () => clearTimeout(climbing));

      function stepTo(next: number): void {
        layer = next;
        calmSinceMs = nowMs();
        waitToClimb();
        consumer.setPreferredLayers({ spatialLayer: next }).catch(() => undefined); // Closed meanwhile.
      }

      /** Scores are told only when they change, so a line that has calmed down says nothing any more. */
      function waitToClimb(): void {
        clearTimeout(climbing);
        if (layer === topLayer) return;
        climbing = setTimeout(() => (viewerLoses(consumer) ? waitToClimb() : stepTo(layer + 1)), waitMs);
      }
    },
  };
}

/** On the way from here: what the publisher lost is no reason to show less. */
export const viewerLoses = ({ score: { score, producerScore } }: Consumer): boolean =>
  score < stepDownBelowScore && score < producerScore;

const layersOf = ({ rtpParameters }: Consumer): number =>
  Number(/^[LS](\d+)T/.exec(rtpParameters.encodings?.[0]?.scalabilityMode ?? '')?.[1] ?? 1);
