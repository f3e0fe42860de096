import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Choice, TextField, Tick } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { toast } from '../../design/toast.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { useSubmit } from '../../state/use-submit.ts';
import { sanctionTexts } from './sanction.messages.ts';

const kinds = ['timeout', 'kick', 'shadow_ban', 'ban'] as const;
type Kind = (typeof kinds)[number];
const lengths = ['60', '600', '3600', 'show'] as const;
type Length = (typeof lengths)[number];

const reasonLengthMax = 200;

type Props = { personId: string; name: string; isHost: boolean; onDone: () => void; onClose: () => void };

/** What stands against a person from now on: which, how long, why, and whether what they wrote goes with it. */
export function SanctionSheet({ personId, name, isHost, onDone, onClose }: Props) {
  const t = useMessages(sanctionTexts);
  const { ask, roomId } = useRoom();
  const [kind, setKind] = useState<Kind>('timeout');
  const [length, setLength] = useState<Length>('600');
  /** Null: as is usual for the kind. */
  const [purges, setPurges] = useState<boolean | null>(null);
  const [reason, setReason] = useState('');
  const [tells, setTells] = useState(true);
  const isTold = kind !== 'shadow_ban';
  // Lines that go are told to the whole room, and whoever is shadow-banned is to notice nothing.
  const mayPurge = isTold;
  const purge = mayPurge && (purges ?? kind === 'ban');
  const { problem, busy, onSubmit } = useSubmit(async () => {
    const why = reason.trim() ? { reason: reason.trim(), tellReason: tells && isTold } : {};
    await ask('moderation:sanction', { roomId, personId, purge, ...why, ...sanctionOf(kind, length) });
    toast(t.done[kind], 'good');
    onDone();
    return undefined;
  });
  return (
    <Sheet shape="dialog" title={t.restrictOf(name)} onClose={onClose}>
      <form class="stack" onSubmit={onSubmit}>
        <Choice<Kind>
          label={t.what}
          hint={`${t.says[kind]} ${reachOf(kind, isHost, t)}`}
          value={kind}
          choices={kinds.map((key) => ({ key, label: t.kinds[key] }))}
          onChoose={setKind}
        />
        {kind === 'timeout' && (
          <Choice<Length>
            label={t.length}
            value={length}
            choices={lengths.map((key) => ({ key, label: t.lengths[key] }))}
            onChoose={setLength}
          />
        )}
        <TextField label={t.reason} hint={t.reasonHint} maxLength={reasonLengthMax} value={reason} onText={setReason} />
        {isTold && reason.trim() && <Tick label={t.tellReason} checked={tells} onTick={setTells} />}
        {mayPurge && (
          <Tick label={kind === 'ban' && isHost ? t.purgeEverywhere : t.purge} checked={purge} onTick={setPurges} />
        )}
        <Problem text={problem} />
        <Button type="submit" kind="danger" size="big" wide busy={busy}>
          {t.kinds[kind]}
        </Button>
      </form>
    </Sheet>
  );
}

/** A mute without an end ends with the show. */
function sanctionOf(kind: Kind, length: Length) {
  if (kind !== 'timeout') return { kind };
  return length === 'show' ? { kind: 'mute' as const } : { kind, seconds: Number(length) };
}

function reachOf(kind: Kind, isHost: boolean, t: (typeof sanctionTexts)['en']): string {
  if (kind === 'timeout' || kind === 'kick') return t.reach.room;
  return isHost ? t.reach.host : t.reach.staff;
}
