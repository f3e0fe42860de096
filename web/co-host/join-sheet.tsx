import { Button } from '../design/button.tsx';
import { Problem } from '../design/problem.tsx';
import { Sheet } from '../design/sheet.tsx';
import { useMessages } from '../i18n/messages.ts';
import { SoundLevel } from '../on-air/sound-level.tsx';
import type { OnAirState } from '../on-air/use-on-air.ts';
import { PlayedVideo } from '../room/played-video.tsx';
import { coHostTexts } from './co-host.messages.ts';

type Props = { onAir: OnAirState; busy: boolean; onJoin: () => void; onClose: () => void };

/** A look at oneself before everybody has one. */
export function JoinSheet({ onAir: { preview, failed, isSilent, show }, busy, onJoin, onClose }: Props) {
  const t = useMessages(coHostTexts);
  const foot = failed ? (
    <Button wide icon="camera" onClick={() => void show('camera')}>
      {t.tryAgain}
    </Button>
  ) : (
    <Button kind="primary" size="big" wide busy={busy || !preview} onClick={onJoin}>
      {t.goOn}
    </Button>
  );
  return (
    <Sheet shape="dialog" title={t.lookTitle} foot={foot} onClose={onClose}>
      <div class="stack">
        <div class="co-host-look" aria-busy={!preview && !failed}>
          {preview && <PlayedVideo stream={preview} muted isMirrored />}
        </div>
        <Problem text={failed ? t.noCamera : undefined} />
        {preview && !isSilent && <SoundLevel key={preview.id} stream={preview} />}
        <Problem text={preview && isSilent ? t.noMicrophone : undefined} />
        <p class="quiet small">{t.lookText}</p>
      </div>
    </Sheet>
  );
}
