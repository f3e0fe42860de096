import { useState } from 'preact/hooks';
import { TextField, Tick } from '../../design/field.tsx';
import { localTimeOf } from '../../i18n/local-time.ts';
import { useMessages } from '../../i18n/messages.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { limits } from '../../../shared/limits.ts';
import { CoverField } from './cover-field.tsx';
import { PlannedField } from './planned-field.tsx';
import { usePlanning } from './use-planning.ts';
import { studioTexts } from '../studio.messages.ts';

type Told = Pick<Room, 'title' | 'coverUrl' | 'scheduledAtMs' | 'productIds' | 'openTo'>;

/** What people read of a show before they enter. `told` is what the fields say now; times are typed in the person's own zone. */
export function useShowFields(known: Room | null) {
  const [title, setTitle] = useState(known?.title ?? '');
  const [cover, setCover] = useState(known?.coverUrl ?? '');
  const [when, setWhen] = useState(localTimeOf(known?.scheduledAtMs ?? null));
  const [openTo, setOpenTo] = useState(known?.openTo ?? 'everyone');
  const planning = usePlanning(known);
  const told: Told = {
    title,
    coverUrl: cover || null,
    scheduledAtMs: when ? new Date(when).getTime() : null,
    productIds: [...planning.productIds],
    openTo,
  };
  return { title, setTitle, cover, setCover, when, setWhen, planning, openTo, setOpenTo, told };
}

type Props = { fields: ReturnType<typeof useShowFields>; hasTime?: boolean };

export function ShowFields({ fields, hasTime = true }: Props) {
  const t = useMessages(studioTexts);
  const { title, setTitle, cover, setCover, when, setWhen, planning } = fields;
  return (
    <>
      <TextField
        label={t.title}
        hint={t.titleHint}
        required
        maxLength={limits.roomTitleLengthMax}
        value={title}
        onText={setTitle}
      />
      {hasTime && <TextField label={t.when} hint={t.whenHint} type="datetime-local" value={when} onText={setWhen} />}
      <PlannedField planning={planning} />
      <CoverField cover={cover} onCover={setCover} planning={planning} />
    </>
  );
}

/** Whom the show is open to. The server knows whether the host has fans, and says so. */
export function OpenToTick({ fields: { openTo, setOpenTo } }: Pick<Props, 'fields'>) {
  const t = useMessages(studioTexts);
  return (
    <Tick
      label={t.fansOnly}
      checked={openTo === 'fans'}
      onTick={(isForFans) => setOpenTo(isForFans ? 'fans' : 'everyone')}
    />
  );
}
