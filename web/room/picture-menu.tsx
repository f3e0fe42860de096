import { IconButton } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { useMessages } from '../i18n/messages.ts';
import { roomTexts } from './room.messages.ts';
import type { Picture } from './use-picture.ts';

/** Sound and quality. A choice is only offered where the stream has one. */
export function PictureMenu({ picture }: { picture: Picture }) {
  const t = useMessages(roomTexts);
  if (picture.shown.length === 0) return null;
  const { muted, setMuted, layers, chosenLayer, chooseLayer } = picture;
  return (
    <>
      {layers > 1 && (
        <label class="quality">
          <span class="visually-hidden">{t.quality}</span>
          <Icon name="settings" />
          <select
            value={chosenLayer === null ? 'auto' : String(chosenLayer)}
            onChange={(event) => {
              const { value } = event.currentTarget;
              chooseLayer(value === 'auto' ? null : Number(value));
            }}
          >
            <option value="auto">{t.auto}</option>
            {Array.from({ length: layers }, (_, layer) => (
              <option key={layer} value={String(layer)}>
                {t.layers(layer)}
              </option>
            ))}
          </select>
        </label>
      )}
      <IconButton
        kind="glass"
        icon={muted ? 'muted' : 'volume'}
        label={muted ? t.unmute : t.mute}
        onClick={() => setMuted(!muted)}
      />
    </>
  );
}
