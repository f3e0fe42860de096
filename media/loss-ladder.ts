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

/**
 * Chooses layers by loss, for viewers whose bandwidth mediasoup can't estimate: it needs transport-wide feedback under
 * extension numbers of its own, and a WHEP player's offer has others. Receiver reports every client sends.
 */
export function createLossLadder(nowMs: () => number): LossLadder {
  return {
    watch(consumer) {
      if (consumer.type === 'simple' || estimatesBandwidth(consumer)) return;
      const topLayer = layersOf(consumer) - 1;
      let layer = topLayer;
      let calmSinceMs = nowMs();
      let waitMs = stepUpAfterMs;

      consumer.on('score', ({ score, producerScore }) => {
        const viewerLoses = score < stepDownBelowScore && score < producerScore;
        if (viewerLoses && layer > 0) {
          if (nowMs() - calmSinceMs < waitMs) waitMs = Math.min(waitMs * backOffFactor, stepUpAfterMsMax);
          stepTo(layer - 1);
        } else if (layer < topLayer && nowMs() - calmSinceMs >= waitMs) stepTo(layer + 1);
      });

      function stepTo(next: number): void {
        layer = next;
        calmSinceMs = nowMs();
        consumer.setPreferredLayers({ spatialLayer: next }).catch(() => undefined); // Closed meanwhile.
      }
    },
  };
}

const estimatesBandwidth = ({ rtpParameters }: Consumer): boolean =>
  rtpParameters.headerExtensions?.some(({ uri }) => /transport-wide-cc|abs-send-time/.test(uri)) ?? false;

const layersOf = ({ rtpParameters }: Consumer): number =>
  Number(/^[LS](\d+)T/.exec(rtpParameters.encodings?.[0]?.scalabilityMode ?? '')?.[1] ?? 1);
