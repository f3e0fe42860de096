import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../design/icon.tsx';
import { messages, useMessages } from '../i18n/messages.ts';
import './sound-level.css';

/** Looked at this often, ms: fast enough to see speech. */
const lookEveryMs = 80;

/** How loud the microphone is. A host who sees nothing move here is about to be silent for everybody. */
export function SoundLevel({ stream }: { stream: MediaStream }) {
  const t = useMessages(texts);
  const meter = useRef<HTMLMeterElement>(null);
  useEffect(() => {
    if (stream.getAudioTracks().length === 0) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      // Loudness is heard by its logarithm: -60 dB is silence, 0 dB the loudest there is.
      if (meter.current) meter.current.value = Math.max(0, 60 + 10 * Math.log10(power + 1e-9));
    }, lookEveryMs);
    return () => {
      clearInterval(timer);
      void context.close();
    };
  }, [stream]);
  return (
    <label class="sound-level">
      <Icon name="mic" sizePx={16} />
      <span class="visually-hidden">{t.level}</span>
      <meter ref={meter} min={0} max={60} value={0} />
    </label>
  );
}

const texts = messages({ level: 'Sound level' }, { level: '音量' });
